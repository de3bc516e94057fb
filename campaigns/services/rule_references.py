"""What rules and discounts say about the catalogue, asked before something goes.

Source: data specification, "Products and SKUs", "Product collections".
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from customers.services.location_lookup import filters_naming
from promo.errors import ResourceInUse
from promo.tenancy.models import Project


def refuse_if_named(
    project: Project, resource_type: str, shown_id: str, names: Collection[str]
) -> None:
    """Refuse to delete what a rule or discount calls one of ``names``.

    ``names`` are the ids and source ids of the thing. At most four statements.

    Raises:
        ResourceInUse: naming what uses it.
    """
    wanted = frozenset(name for name in names if name)
    ResourceInUse.check(
        ((kind, sorted(users)) for kind, users in _users(project, wanted)),
        resource_type=resource_type,
        resource_id=shown_id,
    )


def rules_naming_segment(project: Project, segment_id: str) -> tuple[str, list[str]]:
    """Return the validation rules that ask about a segment, by what they are."""
    return "validation_rules", sorted(_rules_naming(project, frozenset({segment_id})))


def collections_naming_location(
    project: Project, location_id: str
) -> tuple[str, list[str]]:
    """Return the collections whose filter asks about a location, by what they are."""
    rows = filters_naming(project.product_collections.order_by("pk"), location_id)
    return "products_collection", list(rows.values_list("pk", flat=True))


def _users(
    project: Project, wanted: frozenset[str]
) -> Iterable[tuple[str, Iterable[str]]]:
    """Return the kinds of user with their ids; each is asked when its turn comes."""
    unit = "discount__unit_type__in"
    names = list(wanted)
    yield "validation_rules", _rules_naming(project, wanted)
    campaigns = project.campaigns.filter(deleted_at=None)
    yield "campaign", _ids(campaigns.filter(**{f"voucher__{unit}": names}))
    yield (
        "promotion_tier",
        _ids(project.promotion_tiers.alive().filter(**{f"action__{unit}": names})),
    )
    alone = project.vouchers.filter(campaign=None, deleted_at=None)
    yield "voucher", _ids(alone.filter(**{unit: names}))


def _ids(rows: QuerySet[Any]) -> Iterable[str]:
    found: Iterable[str] = rows.order_by().values_list("pk", flat=True)
    return found


def _rules_naming(project: Project, wanted: frozenset[str]) -> Iterable[str]:
    # The project stands in each row, or Django would ask for it row by row.
    rows = project.validation_rules.order_by("pk").only(
        "pk", "project_id", "rules", "bundle_rules", "applicable_to"
    )
    for rule in rows.iterator():
        if not wanted.isdisjoint(
            _texts([rule.rules, rule.bundle_rules, rule.applicable_to])
        ):
            yield rule.pk


def _texts(value: Any) -> Iterable[str]:
    """Return every id and source id below ``value``, and every text in a list."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(inner, str):
                yield from _texts(inner)
            elif key in {"id", "source_id"}:
                yield inner
    elif isinstance(value, list):
        for inner in value:
            yield from [inner] if isinstance(inner, str) else _texts(inner)
