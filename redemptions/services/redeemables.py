"""Finding what a request names, with campaign and category, in one statement each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from campaigns.models import (
    Campaign,
    Category,
    PromotionStack,
    PromotionStackTier,
    PromotionTier,
    Voucher,
)
from campaigns.models.voucher import code_key
from promo import ids, sql_arrays
from promo.row_reader import RowReader, read_joined
from promo.sql_pipeline import Asked
from promo.tenancy.models import Project

_VOUCHER = RowReader(Voucher, "v")
_TIER = RowReader(PromotionTier, "t")
_CAMPAIGN = RowReader(Campaign, "c")
_CATEGORY = RowReader(Category, "k")
_CAMPAIGN_CATEGORY = RowReader(Category, "ck")
_STACK = RowReader(PromotionStack, "s")
_STACK_CATEGORY = RowReader(Category, "sk")

_JOINED = ", ".join(
    reader.columns for reader in (_CAMPAIGN, _CATEGORY, _CAMPAIGN_CATEGORY)
)
# The text is put together from table and column names of our own models.
_VOUCHERS_SQL = f"""
SELECT {_VOUCHER.columns}, {_JOINED}
FROM {_VOUCHER.table} v
LEFT JOIN {_CAMPAIGN.table} c ON c.id = v.campaign_id
LEFT JOIN {_CATEGORY.table} k ON k.id = v.category_id
LEFT JOIN {_CATEGORY.table} ck ON ck.id = c.category_id
WHERE v.project_id = %s AND v.deleted_at IS NULL
"""  # noqa: S608
# One code is what is asked most; PostgreSQL keeps one plan for it, while it plans
# anew for arrays.
_BY_ONE_CODE = _VOUCHERS_SQL + "AND v.code_key = %s"
_BY_CODE = _VOUCHERS_SQL + "AND v.code_key = ANY(%s::text[])"
_BY_CODE_OR_ID = (
    _VOUCHERS_SQL + "AND (v.code_key = ANY(%s::text[]) OR v.id = ANY(%s::uuid[]))"
)
_STACKS_SQL = f"""
SELECT {_TIER.columns}, {_JOINED}, {_STACK.columns}, {_STACK_CATEGORY.columns}
FROM {_STACK.table} s
JOIN {PromotionStackTier._meta.db_table} m ON m.stack_id = s.id
JOIN {_TIER.table} t ON t.id = m.tier_id
LEFT JOIN {_CAMPAIGN.table} c ON c.id = t.campaign_id
LEFT JOIN {_CATEGORY.table} k ON k.id = t.category_id
LEFT JOIN {_CATEGORY.table} ck ON ck.id = c.category_id
LEFT JOIN {_CATEGORY.table} sk ON sk.id = s.category_id
WHERE s.project_id = %s AND t.deleted_at IS NULL AND c.deleted_at IS NULL
  AND s.id = ANY(%s::uuid[])
ORDER BY s.id, m.position
"""  # noqa: S608
_TIERS_SQL = f"""
SELECT {_TIER.columns}, {_JOINED}
FROM {_TIER.table} t
LEFT JOIN {_CAMPAIGN.table} c ON c.id = t.campaign_id
LEFT JOIN {_CATEGORY.table} k ON k.id = t.category_id
LEFT JOIN {_CATEGORY.table} ck ON ck.id = c.category_id
WHERE t.project_id = %s AND t.deleted_at IS NULL AND c.deleted_at IS NULL
  AND t.id = ANY(%s::uuid[])
"""  # noqa: S608


def ask_vouchers(project: Project, references: Sequence[str]) -> Asked | None:
    """Ask for the vouchers behind codes or ids, for ``vouchers_found`` to read."""
    if not references:
        return None
    keys = {ref: code_key(project, ref) for ref in references}
    known = {ref: ids.parse_or_none("v_", ref) for ref in references}
    uuids = [found for found in known.values() if found]
    arguments: list[Any] = [ids.parse("proj_", project.pk)]
    codes = list(keys.values())
    if len(codes) == 1 and not uuids:
        return Asked(_BY_ONE_CODE, [*arguments, codes[0]])
    arguments.append(sql_arrays.texts(codes))
    if uuids:
        return Asked(_BY_CODE_OR_ID, [*arguments, sql_arrays.uuids(uuids)])
    return Asked(_BY_CODE, arguments)


def vouchers_found(
    project: Project, references: Sequence[str], asked: Asked | None
) -> dict[str, Voucher]:
    """Return the vouchers that were asked for, by reference; a code goes first."""
    if asked is None:
        return {}
    keys = {ref: code_key(project, ref) for ref in references}
    vouchers = [_with_campaign(_VOUCHER, row) for row in asked.rows()]
    by_code = {voucher.code_key: voucher for voucher in vouchers}
    by_id = {voucher.pk: voucher for voucher in vouchers}
    found = {ref: by_code.get(keys[ref]) or by_id.get(ref) for ref in references}
    return {ref: voucher for ref, voucher in found.items() if voucher}


def find_tiers(project: Project, references: Sequence[str]) -> dict[str, PromotionTier]:
    """Return the promotion tiers behind ids, by id."""
    uuids = [ids.parse_or_none("promo_", reference) for reference in references]
    wanted = [found for found in uuids if found]
    if not wanted:
        return {}
    rows = _rows(_TIERS_SQL, [ids.parse("proj_", project.pk), sql_arrays.uuids(wanted)])
    tiers = [_with_campaign(_TIER, row) for row in rows]
    return {tier.pk: tier for tier in tiers}


@dataclass(slots=True)
class FoundStack:
    """A promotion stack with its category, and its tiers in their order."""

    stack: PromotionStack
    tiers: list[PromotionTier] = field(default_factory=list)


def find_stacks(project: Project, references: Iterable[str]) -> dict[str, FoundStack]:
    """Return the promotion stacks behind ids, by id."""
    uuids = [ids.parse_or_none("stack_", reference) for reference in references]
    wanted = [found for found in uuids if found]
    if not wanted:
        return {}
    arguments = [ids.parse("proj_", project.pk), sql_arrays.uuids(wanted)]
    width = sum(reader.width for reader in (_STACK, _STACK_CATEGORY))
    stacks: dict[str, FoundStack] = {}
    for row in _rows(_STACKS_SQL, arguments):
        stack, category = read_joined(row[-width:], _STACK, _STACK_CATEGORY)
        if stack.pk not in stacks:
            stack.category = category
            stacks[stack.pk] = FoundStack(stack)
        stacks[stack.pk].tiers.append(_with_campaign(_TIER, row[:-width]))
    return stacks


def _rows(sql: str, arguments: list[Any]) -> Iterable[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return list(cursor.fetchall())


def _with_campaign(reader: RowReader[Any], row: Sequence[Any]) -> Any:
    parts = read_joined(row, reader, _CAMPAIGN, _CATEGORY, _CAMPAIGN_CATEGORY)
    thing, campaign, thing.category, category = parts
    if campaign:
        campaign.category = category
    thing.campaign = campaign
    return thing
