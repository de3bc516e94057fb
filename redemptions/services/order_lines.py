"""Turning order lines, as sent or stored, into what the engine reckons with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from campaigns.engine.filters import CatalogueItem
from campaigns.models import Product, Sku
from campaigns.services.catalogue_lookup import (
    LoadedCollections,
    product_item,
    sku_item,
)
from redemptions.engine.facts import ItemFacts, Line

Item = Mapping[str, Any]
_ECHOED = ("product_id", "sku_id", "source_id", "related_object")


@dataclass(frozen=True, slots=True)
class References:
    """Products and SKUs by id or source id, collections by id."""

    products: frozenset[str]
    skus: frozenset[str]
    collections: frozenset[str] = frozenset()

    def __or__(self, other: "References") -> "References":
        """Return everything that either names."""
        return References(
            self.products | other.products,
            self.skus | other.skus,
            self.collections | other.collections,
        )


@dataclass(frozen=True, slots=True)
class KnownItems:
    """What the catalogue holds of it: by id and by source id.

    ``collections`` are those that rules name, None where no rule was asked.
    """

    products: Mapping[str, Product] = field(default_factory=dict)
    skus: Mapping[str, Sku] = field(default_factory=dict)
    collections: LoadedCollections | None = None

    @property
    def all_products_id(self) -> str | None:
        """The predefined collection when it is among them."""
        whole = self.collections.whole if self.collections else ()
        return next(iter(whole), None)

    @property
    def collection_ids(self) -> frozenset[str]:
        """Those of the collections asked for that exist."""
        return self.collections.ids if self.collections else frozenset()

    def holding(self, item: CatalogueItem, *keys: str | None) -> frozenset[str]:
        """Return the collections that ``item`` is in."""
        if self.collections is None:
            return frozenset()
        return self.collections.holding(item, *keys)


def references_of(items: Sequence[Item]) -> References:
    """Return everything that ``items`` name, to be looked up in one go."""
    products: set[str] = set()
    skus: set[str] = set()
    for item in items:
        products.update(product_names(item))
        skus.update(sku_names(item))
    return References(frozenset(products), frozenset(skus))


def product_names(item: Item) -> list[str]:
    """Return the ids and source ids under which a line may name its product."""
    inline = item.get("product") or {}
    names = [item.get("product_id")]
    if item.get("related_object") != "sku":
        names.append(item.get("source_id"))
    names += [inline.get("id"), inline.get("source_id")]
    return [name for name in names if name]


def sku_names(item: Item) -> list[str]:
    """Return the ids and source ids under which a line may name its SKU."""
    inline = item.get("sku") or {}
    names = [item.get("sku_id")]
    if item.get("related_object") != "product":
        names.append(item.get("source_id"))
    names += [inline.get("id"), inline.get("source_id")]
    return [name for name in names if name]


def build_lines(items: Sequence[Item], known: KnownItems) -> tuple[Line, ...]:
    """Return the lines of an order; unknown products stay with what was sent.

    The unit price is the line's, else that of the inline SKU or product, else the
    stored SKU's, else the stored product's.

    Source: engine specification, "Where amounts come from", "Line identity".
    """
    return tuple(_line(index, item, known) for index, item in enumerate(items))


def _line(index: int, item: Item, known: KnownItems) -> Line:
    product, sku = _identify(item, known)
    inline_product, inline_sku = item.get("product") or {}, item.get("sku") or {}
    prices = [
        item.get("price"),
        inline_sku.get("price"),
        inline_product.get("price"),
        sku.price if sku else None,
        product.price if product else None,
    ]
    places = places_of(item, product, sku)
    echo = {name: item[name] for name in _ECHOED if item.get(name) is not None}
    if sku and "product_id" not in echo:
        echo["product_id"] = sku.product_id
    return Line(
        index=index,
        # A stored line whose units all gave way to others has none left.
        quantity=item.get("quantity", 1),
        price=next((price for price in prices if price is not None), None),
        amount=item.get("amount"),
        product=product_facts(product, inline_product, known, places),
        sku=sku_facts(sku, inline_sku, known, places),
        metadata=item.get("metadata") or {},
        echo=echo,
        id=item.get("id"),
        initial_quantity=item.get("initial_quantity"),
        initial_amount=item.get("initial_amount"),
        discount_amount=item.get("discount_amount") or 0,
        discount_quantity=item.get("discount_quantity") or 0,
    )


def _identify(item: Item, known: KnownItems) -> tuple[Product | None, Sku | None]:
    sku = _first(sku_names(item), known.skus)
    product = _first(product_names(item), known.products)
    if product and sku and not item.get("related_object"):
        only_by_source = not item.get("sku_id") and not item.get("sku")
        if only_by_source and product.source_id == item.get("source_id"):
            # A bare source id names a product first, then a SKU.
            sku = None
    if sku and product is None:
        product = known.products.get(sku.product_id)
    return product, sku


def _first(names: Sequence[str], found: Mapping[str, Any]) -> Any:
    return next((found[name] for name in names if name in found), None)


def places_of(
    item: Item, product: Product | None, sku: Sku | None
) -> tuple[Mapping[str, Any], ...]:
    """Return the metadata in which a line's coordinates are looked for, in turn.

    Those of the line, of its SKU and of its product, each as sent and then as stored.

    Source: rules specification, "Geofencing".
    """
    inline_product, inline_sku = item.get("product") or {}, item.get("sku") or {}
    found = (
        item.get("metadata"),
        inline_sku.get("metadata"),
        sku.metadata if sku else None,
        inline_product.get("metadata"),
        product.metadata if product else None,
    )
    return tuple(metadata for metadata in found if metadata)


def product_facts(
    stored: Product | None,
    inline: Item,
    known: KnownItems,
    places: Sequence[Mapping[str, Any]] = (),
) -> ItemFacts | None:
    """Return what is known of a line's product; what was sent lies on top.

    ``places`` are the metadata in which its coordinates are looked for.
    """
    if stored is None and not inline:
        return None
    item = CatalogueItem("product") if stored is None else product_item(stored)
    item = _overlaid(item, inline, inline.get("name"), places)
    return _facts(item, known.holding(item, stored.pk if stored else None))


def sku_facts(
    stored: Sku | None,
    inline: Item,
    known: KnownItems,
    places: Sequence[Mapping[str, Any]] = (),
) -> ItemFacts | None:
    """Return what is known of a line's SKU, as of its product."""
    if stored is None and not inline:
        return None
    item = CatalogueItem("sku") if stored is None else sku_item(stored)
    item = _overlaid(item, inline, inline.get("sku"), places)
    keys = (stored.pk, stored.product_id) if stored else ()
    return _facts(item, known.holding(item, *keys))


def _overlaid(
    item: CatalogueItem,
    inline: Item,
    name: str | None,
    places: Sequence[Mapping[str, Any]],
) -> CatalogueItem:
    return replace(
        item,
        id=item.id or inline.get("id"),
        source_id=item.source_id if item.id else inline.get("source_id"),
        name=name or item.name,
        price=_known(inline.get("price"), item.price),
        metadata={**item.metadata, **(inline.get("metadata") or {})},
        places=places,
    )


def _facts(item: CatalogueItem, collections: frozenset[str]) -> ItemFacts:
    return ItemFacts(
        kind=item.object,
        id=item.id,
        source_id=item.source_id,
        name=item.name,
        price=item.price,
        metadata=item.metadata,
        collections=collections,
    )


def _known(first: int | None, second: int | None) -> int | None:
    return second if first is None else first
