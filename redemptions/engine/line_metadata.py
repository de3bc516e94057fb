"""Metadata of an order line's product or SKU."""

from collections.abc import Mapping, Sequence
from typing import Any

from promo.metadata import metadata_value
from redemptions.engine.facts import Line


def product_metadata(line: Line, path: str) -> Any:
    """Return metadata of a line's product, else of its SKU."""
    items = [item for item in (line.product, line.sku) if item is not None]
    return first_found([item.metadata for item in items], path)


def first_found(sources: Sequence[Mapping[str, Any]], path: str) -> Any:
    """Return the first value at ``path`` that one of ``sources`` has, else None."""
    found = (metadata_value(source, path) for source in sources)
    return next((value for value in found if value is not None), None)
