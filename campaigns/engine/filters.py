"""Is a catalogue item in a collection that fills itself?

A product and each of its SKUs are tested separately; attributes sent with a
request lie over those of the catalogue before they come here.

Source: rules specification, "Collections"; data specification, "Product collections".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.errors import InvalidPayload
from promo.filter_grammar import Filter, Record, matches, parse_filter
from promo.geometry import Shape
from promo.metadata import metadata_value

METADATA = "metadata."

#: What a collection's filter may ask about.
COLLECTION_FIELDS = frozenset(
    {
        "id",
        "product_id",
        "source_id",
        "name",
        "price",
        "object",
        "attributes",
        "image_url",
        "skus",
        "created_at",
        "updated_at",
        "metadata.*",
    }
)

KINDS: Mapping[str, Kind] = {
    "id": Kind.TEXT,
    "product_id": Kind.TEXT,
    "source_id": Kind.TEXT,
    "name": Kind.TEXT,
    "price": Kind.NUMBER,
    "object": Kind.TEXT,
    "attributes": Kind.TEXT,
    "image_url": Kind.TEXT,
    "skus": Kind.TEXT,
    "created_at": Kind.DATETIME,
    "updated_at": Kind.DATETIME,
}


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """A product or SKU as a collection's filter sees it.

    ``product_id`` is a SKU's parent, ``skus`` a product's SKU ids, ``price`` minor
    units; None is unknown. ``places`` are the metadata in which its coordinates are
    looked for, the first that has some; its own where there are none.
    """

    object: Literal["product", "sku"]
    id: str | None = None
    product_id: str | None = None
    source_id: str | None = None
    name: str | None = None
    price: int | None = None
    image_url: str | None = None
    attributes: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    places: Sequence[Mapping[str, Any]] = ()


def parse_collection_filter(body: Any) -> Filter:
    """Parse the ``filter`` of an ``AUTO_UPDATE`` collection.

    Raises:
        InvalidPayload: no object, an unknown attribute, operator or junction.
    """
    if not isinstance(body, Mapping):
        raise InvalidPayload(
            "'AUTO_UPDATE' collection must contain valid filter "
            "with 'junction' property"
        )
    return parse_filter(body, path=".filter", fields=COLLECTION_FIELDS)


def is_member(
    filters: Filter,
    item: CatalogueItem,
    calendar: Calendar,
    *,
    schema: Mapping[str, Kind] | None = None,
    locations: Mapping[str, Shape] | None = None,
) -> bool:
    """Say whether ``item`` satisfies the filter of a collection.

    ``schema`` maps metadata paths to their declared types, ``locations`` the ids
    that the filter may name to their shapes.
    """
    kinds = {f"{METADATA}{key}": kind for key, kind in (schema or {}).items()}
    kinds.update(KINDS)
    record = Record(
        lambda path: attribute(item, path),
        kinds.get,
        lambda path: coordinates(item, path),
    )
    return matches(filters, record, calendar, locations or {})


def attribute(item: CatalogueItem, path: str) -> Any:
    """Return what ``item`` has at ``path``, None when it has nothing."""
    if path.startswith(METADATA):
        return metadata_value(item.metadata, path.removeprefix(METADATA))
    return getattr(item, path, None) if path in KINDS else None


def coordinates(item: CatalogueItem, path: str) -> Any:
    """Return where ``item`` is, by what stands at ``path``, None when nowhere.

    Source: rules specification, "Geofencing".
    """
    if not path.startswith(METADATA) or not item.places:
        return attribute(item, path)
    key = path.removeprefix(METADATA)
    found = (metadata_value(metadata, key) for metadata in item.places)
    return next((value for value in found if value is not None), None)
