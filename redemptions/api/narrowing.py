"""The filters of a qualification, for each kind of candidate.

Source: engine specification, "Qualification, Options".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from promo.api.columns import Column, IdColumn, TextColumn
from promo.errors import InvalidPayload, InvalidQueryParams
from promo.filter_grammar import Condition, FieldFilter, Filter, parse_filter
from redemptions.services.candidates import CATEGORY, ROLE, Narrowing

_VOUCHERS: Mapping[str, Column] = {
    "category_id": IdColumn(CATEGORY, "cat_"),
    "campaign_id": IdColumn("campaign", "camp_"),
    "campaign_type": TextColumn("campaign__campaign_type"),
    "resource_id": IdColumn("pk", "v_"),
    "voucher_type": TextColumn("type"),
    "code": TextColumn("code"),
    "holder_role": TextColumn(ROLE),
}
_TIERS: Mapping[str, Column] = {
    "category_id": IdColumn(CATEGORY, "cat_"),
    "campaign_id": IdColumn("campaign", "camp_"),
    "campaign_type": TextColumn("campaign__campaign_type"),
    "resource_id": IdColumn("pk", "promo_"),
}
_CAMPAIGNS: Mapping[str, Column] = {
    "category_id": IdColumn("category", "cat_"),
    "campaign_id": IdColumn("pk", "camp_"),
    "campaign_type": TextColumn("campaign_type"),
    "resource_id": IdColumn("pk", "camp_"),
}
_STACKS: Mapping[str, Column] = {
    **_TIERS,
    "resource_id": IdColumn("pk", "stack_"),
}
_FIELDS = (*_VOUCHERS, "resource_type")
# A candidate without such a field satisfies what asks for its absence.
_ABSENT = frozenset({"$is_not", "$not_in", "$is_unknown"})
_OPERATORS = frozenset(
    {"$is", "$is_not", "$in", "$not_in", "$has_value", "$is_unknown"}
)


def narrowing_of(body: Mapping[str, Any] | None, now: datetime) -> Narrowing:
    """Return the conditions that ``options.filters`` stands for.

    Raises:
        InvalidPayload: an unknown field or operator, or a value of another type.
    """
    if not body:
        return Narrowing()
    wanted = parse_filter(body, path=".options.filters", fields=_FIELDS)
    try:
        return Narrowing(
            vouchers=_condition(wanted, "voucher", _VOUCHERS, now),
            tiers=_condition(wanted, "promotion_tier", _TIERS, now),
            campaigns=_condition(wanted, "campaign", _CAMPAIGNS, now),
            stacks=_condition(wanted, "promotion_stack", _STACKS, now),
        )
    except InvalidQueryParams as wrong:
        raise InvalidPayload(wrong.details) from wrong


def _condition(
    wanted: Filter, kind: str, columns: Mapping[str, Column], now: datetime
) -> Q:
    parts = [_field(entry, kind, columns, now) for entry in wanted.fields]
    whole = parts[0] if parts else Q()
    for part in parts[1:]:
        whole = whole | part if wanted.junction == "or" else whole & part
    return whole


def _field(
    entry: FieldFilter, kind: str, columns: Mapping[str, Column], now: datetime
) -> Q:
    path = f".options.filters.{entry.field}"
    every = Q(pk__isnull=False)
    for condition in entry.conditions:
        if condition.operator not in _OPERATORS:
            allowed = ", ".join(sorted(_OPERATORS))
            details = f"Property {path} condition must be one of: {allowed}"
            raise InvalidPayload(details)
        if entry.field == "resource_type":
            every &= _when(holds=_is_kind(condition, kind))
        elif entry.field in columns:
            column = columns[entry.field]
            every &= column.condition(condition, entry.field, path, now)
        else:
            every &= _when(holds=condition.operator in _ABSENT)
    return every


def _is_kind(condition: Condition, kind: str) -> bool:
    if condition.operator in {"$has_value", "$is_unknown"}:
        return condition.operator == "$has_value"
    listed = condition.operator in {"$in", "$not_in"}
    named = condition.values if listed else condition.values[:1]
    return (kind in named) != (condition.operator in _ABSENT)


def _when(*, holds: bool) -> Q:
    return Q(pk__isnull=not holds)
