"""What every project's catalogue begins with."""

from datetime import datetime

from campaigns.models import CollectionType, Product, ProductCollection
from campaigns.models.catalogue import (
    ALL_PRODUCTS_NAME,
    SHIPPING_NAME,
    SHIPPING_SOURCE_ID,
)
from promo.tenancy.models import Project


def seed_catalogue(project: Project, *, now: datetime) -> None:
    """Give a new project its shipping product and its "All Products" collection.

    Source: engine specification, free shipping; data specification, "Product
    collections".
    """
    Product.objects.create(
        project=project,
        source_id=SHIPPING_SOURCE_ID,
        name=SHIPPING_NAME,
        created_at=now,
    )
    ProductCollection.objects.create(
        project=project,
        name=ALL_PRODUCTS_NAME,
        type=CollectionType.STATIC,
        is_predefined=True,
        created_at=now,
    )
