"""What marketers build, and on what."""

from campaigns.models.catalogue import (
    Category,
    CollectionType,
    Product,
    ProductCollection,
    ProductCollectionItem,
    Sku,
)

__all__ = [
    "Category",
    "CollectionType",
    "Product",
    "ProductCollection",
    "ProductCollectionItem",
    "Sku",
]
