"""How the dashboard tells a decision: the currency, names for ids and for lines."""

from collections.abc import Iterator, Mapping
from typing import Any

from promo.admin.presentation import money
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.admin.cart import Cart
from redemptions.engine.rule_sentences import Voice

#: Where the names of ids are: prefix, rows of the project, field.
_NAMED = (
    ("promo_", "promotion_tiers", "name"),
    ("stack_", "promotion_stacks", "name"),
    ("pc_", "product_collections", "name"),
    ("prod_", "products", "name"),
    ("sku_", "skus", "sku"),
    ("seg_", "segments", "name"),
)


def voice_for(project: Project, trace: Any, cart: Cart | None = None) -> Voice:
    """Return the voice that tells ``trace``; one query a kind of id in it.

    Lines go by the names that ``cart`` gives them, when it is the same order.
    """
    lines = cart.lines if cart is not None else ()
    return Voice(
        money=lambda amount: money(amount, project.currency),
        names=_names(project, set(_texts(trace))),
        lines={index: line.name for index, line in enumerate(lines)},
    )


def _names(project: Project, texts: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for prefix, kind, field in _NAMED:
        ids = sorted(text for text in texts if parse_or_none(prefix, text))
        rows = getattr(project, kind, None)
        if ids and rows is not None:
            named = rows.filter(pk__in=ids).values_list("pk", field)
            found |= {pk: name for pk, name in named if name}
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
