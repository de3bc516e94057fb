"""What is sold: categories of offers, products, their SKUs and collections."""

from typing import Self

from django.db import models
from django.db.models import Q

from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

PRODUCT_PREFIX = "prod_"
SKU_PREFIX = "sku_"
SHIPPING_SOURCE_ID = "5h1pp1ng"
SHIPPING_ID = f"{PRODUCT_PREFIX}{SHIPPING_SOURCE_ID}"
SHIPPING_NAME = "Shipping"
ALL_PRODUCTS_NAME = "All Products"


class CategoryQuerySet(models.QuerySet["Category"]):
    """Categories, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The category behind one id."""
        return self.filter(pk=reference)


class Category(models.Model):
    """A label of campaigns that decides their order when codes are combined.

    The lower ``hierarchy``, the earlier its offers apply; ties go by creation.

    Source: campaigns specification, "Categories".
    """

    id = PrefixedIdField("cat_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="categories"
    )
    name = models.CharField(max_length=255)
    hierarchy = models.PositiveIntegerField()
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(CategoryQuerySet)()

    class Meta:
        ordering = ["hierarchy", "created_at", "id"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="category_name")
        ]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    """Products, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Products that are not in the bin."""
        return self.filter(deleted_at=None)

    def by_references(self, references: list[str]) -> Self:
        """The products behind ids or source ids, in one query.

        The seeded shipping product also answers to its well-known id.
        """
        ids = [text for text in references if parse_or_none(PRODUCT_PREFIX, text)]
        sources = [text for text in references if text]
        if SHIPPING_ID in sources:
            sources.append(SHIPPING_SOURCE_ID)
        return self.alive().filter(Q(pk__in=ids) | Q(source_id__in=sources))

    def by_reference(self, reference: str) -> Self:
        """The product behind one id or source id."""
        return self.by_references([reference])


ProductManager = models.Manager.from_queryset(ProductQuerySet)


class Product(models.Model):
    """Something a project sells; its variants are SKUs.

    ``price`` is in minor units of the project's currency. ``attributes`` lists the
    names that its SKUs give values to. In the bin (``deleted_at``) it is gone from
    the API, but its source id stays taken.

    Source: data specification, "Products and SKUs".
    """

    id = PrefixedIdField(PRODUCT_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="products"
    )
    source_id = models.CharField(max_length=255, blank=True, default="")
    name = models.TextField(blank=True, default="")
    price = models.BigIntegerField(null=True, blank=True)
    image_url = models.TextField(blank=True, default="")
    attributes = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ProductManager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source_id"],
                name="product_source_id",
                condition=Q(source_id__gt=""),
            )
        ]
        indexes = [
            models.Index(fields=["project", "created_at"], name="product_created")
        ]

    def __str__(self) -> str:
        return self.name or self.source_id or self.pk

    @property
    def is_shipping(self) -> bool:
        """Whether this is the seeded product that free shipping adds."""
        return self.source_id == SHIPPING_SOURCE_ID

    @property
    def shown_id(self) -> str:
        """The id the API shows; the shipping product's is the same everywhere."""
        return SHIPPING_ID if self.is_shipping else self.pk


class SkuQuerySet(models.QuerySet["Sku"]):
    """SKUs, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """SKUs that are not in the bin, by themselves or with their product.

        To lock them, say ``of=("self",)``: this joins the product.
        """
        return self.filter(deleted_at=None, product__deleted_at=None)

    def by_references(self, references: list[str]) -> Self:
        """The SKUs behind ids or source ids, in one query."""
        ids = [text for text in references if parse_or_none(SKU_PREFIX, text)]
        sources = [text for text in references if text]
        return self.alive().filter(Q(pk__in=ids) | Q(source_id__in=sources))

    def by_reference(self, reference: str) -> Self:
        """The SKU behind one id or source id."""
        return self.by_references([reference])


SkuManager = models.Manager.from_queryset(SkuQuerySet)


class Sku(models.Model):
    """A variant of a product; ``sku`` is its name.

    ``attributes`` maps names declared by the product to values. Source ids are
    unique over the whole catalogue of the project, the bin included. With its product
    in the bin it is hidden as it is; ``deleted_at`` says that it went by itself.

    Source: data specification, "Products and SKUs".
    """

    id = PrefixedIdField(SKU_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="skus")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="skus")
    source_id = models.CharField(max_length=255, blank=True, default="")
    sku = models.TextField(blank=True, default="")
    price = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    image_url = models.TextField(blank=True, default="")
    attributes = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SkuManager()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = "SKU"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source_id"],
                name="sku_source_id",
                condition=Q(source_id__gt=""),
            )
        ]
        indexes = [models.Index(fields=["project", "created_at"], name="sku_created")]

    def __str__(self) -> str:
        return self.sku or self.source_id or self.pk


class CollectionType(models.TextChoices):
    """How a collection knows its members."""

    STATIC = "STATIC", "Static"
    AUTO_UPDATE = "AUTO_UPDATE", "Automatic"


class CollectionQuerySet(models.QuerySet["ProductCollection"]):
    """Collections, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The collection behind one id."""
        return self.filter(pk=reference)


class ProductCollection(models.Model):
    """A named set of products and SKUs that rules and discounts refer to.

    A static one lists its members, an automatic one has a ``filter``. The
    predefined one, "All Products", holds whatever is in the catalogue or a cart.

    Source: data specification, "Product collections".
    """

    id = PrefixedIdField("pc_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="product_collections"
    )
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=16, choices=CollectionType.choices)
    filter = models.JSONField(null=True, blank=True)
    is_predefined = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(CollectionQuerySet)()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="collection_name"),
            models.UniqueConstraint(
                fields=["project"],
                name="one_predefined_collection",
                condition=Q(is_predefined=True),
            ),
            models.CheckConstraint(
                name="automatic_collection_has_a_filter",
                condition=Q(type="STATIC", filter=None)
                | Q(type="AUTO_UPDATE", filter__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def has_living_member(entry: str = "") -> Q:
    """Return the condition that the product or SKU of an entry is not in the bin.

    ``entry`` is the lookup that leads to the entry, such as ``items__``.
    """
    parts = ("product", "sku", "sku__product")
    return Q(**{f"{entry}{part}__deleted_at": None for part in parts})


class CollectionItemQuerySet(models.QuerySet["ProductCollectionItem"]):
    """Entries of collections, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Entries whose product or SKU is not in the bin."""
        return self.filter(has_living_member())


class ProductCollectionItem(models.Model):
    """One entry of a static collection: a product with all its SKUs, or one SKU.

    What goes into the bin keeps its entries, hidden, for the day it is restored.
    """

    collection = models.ForeignKey(
        ProductCollection, on_delete=models.CASCADE, related_name="items"
    )
    position = models.PositiveIntegerField()
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    sku = models.ForeignKey(
        Sku, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )

    objects = CollectionItemQuerySet.as_manager()

    class Meta:
        ordering = ["collection", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "product"], name="product_once_in_collection"
            ),
            models.UniqueConstraint(
                fields=["collection", "sku"], name="sku_once_in_collection"
            ),
            models.CheckConstraint(
                name="collection_item_is_product_or_sku",
                condition=Q(product=None, sku__isnull=False)
                | Q(product__isnull=False, sku=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.product_id or self.sku_id)
