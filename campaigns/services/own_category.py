"""The category that a campaign or voucher is put into."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max

from campaigns.models import Category
from promo.errors import InvalidPayload, ResourceNotFound
from promo.ids import parse_or_none
from promo.tenancy.models import Project

LONGEST_NAME = 255
#: The last place that the column holds.
LAST = 2**31 - 1


def read_category(
    project: Project, sent: Mapping[str, Any], now: datetime
) -> dict[str, Category | None]:
    """Return the category that ``sent`` names by ``category_id`` or ``category``.

    The id wins; an unknown name becomes a new, last category; null clears.

    Raises:
        ResourceNotFound: no category has this id.
        InvalidPayload: a value that is no text.
    """
    if sent.get("category_id") is not None:
        return {"category": _by_id(project, sent["category_id"])}
    if sent.get("category") is not None:
        return {"category": _by_name(project, sent["category"], now)}
    return {"category": None} if {"category", "category_id"} & set(sent) else {}


def _by_id(project: Project, reference: Any) -> Category:
    if not isinstance(reference, str):
        raise InvalidPayload("Property .category_id must be string")
    known = parse_or_none("cat_", reference) is not None
    found = project.categories.filter(pk=reference).first() if known else None
    if found is None:
        raise ResourceNotFound("category", reference)
    return found


def _by_name(project: Project, name: Any, now: datetime) -> Category:
    if not isinstance(name, str):
        raise InvalidPayload("Property .category must be string")
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidPayload(
            f"Property .category must have between 1 and {LONGEST_NAME} characters"
        )
    found = project.categories.filter(name=name).first()
    if found is not None:
        return found
    defaults = {"hierarchy": next_hierarchy(project), "created_at": now}
    new, _ = project.categories.get_or_create(name=name, defaults=defaults)
    return new


def next_hierarchy(project: Project) -> int:
    """Return the place behind all categories; the last there is may be shared."""
    last = project.categories.aggregate(last=Max("hierarchy"))["last"] or 0
    return min(last + 1, LAST)
