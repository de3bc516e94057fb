"""Products, SKUs and collections, the least valid ones."""

import factory
from factory.django import DjangoModelFactory

from campaigns.models import (
    CollectionType,
    Product,
    ProductCollection,
    ProductCollectionItem,
    Sku,
)
from tests.factories.tenancy import NOW, ProjectFactory


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    project = factory.SubFactory(ProjectFactory)
    source_id = factory.Sequence(lambda n: f"product-{n}")
    name = factory.Sequence(lambda n: f"Product {n}")
    created_at = NOW


class SkuFactory(DjangoModelFactory[Sku]):
    class Meta:
        model = Sku

    project = factory.SelfAttribute("product.project")
    product = factory.SubFactory(ProductFactory)
    source_id = factory.Sequence(lambda n: f"sku-{n}")
    sku = factory.Sequence(lambda n: f"Variant {n}")
    created_at = NOW


class CollectionFactory(DjangoModelFactory[ProductCollection]):
    """A static collection; ``filter`` makes it an automatic one."""

    class Meta:
        model = ProductCollection

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Collection {n}")
    filter = None
    type = factory.LazyAttribute(
        lambda made: (
            CollectionType.STATIC if made.filter is None else CollectionType.AUTO_UPDATE
        )
    )
    created_at = NOW


def listing(*things: Product | Sku, **values: object) -> ProductCollection:
    """Return a static collection of ``things``."""
    values.setdefault("project", things[0].project)
    collection: ProductCollection = CollectionFactory.create(**values)
    for position, thing in enumerate(things):
        ProductCollectionItem.objects.create(
            collection=collection,
            position=position,
            product=thing if isinstance(thing, Product) else None,
            sku=thing if isinstance(thing, Sku) else None,
        )
    return collection
