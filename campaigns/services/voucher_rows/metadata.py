"""Changing the metadata of many codes at once, row by row right or wrong.

Source: campaigns specification, "Bulk updates".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns import events
from campaigns.models import Voucher
from campaigns.models.voucher import code_key
from campaigns.services.rendering import rendered_vouchers
from campaigns.services.voucher_rows.reach import check_reached, reached_of
from campaigns.wire import simple_campaign
from promo.errors import PromoError, ResourceNotFound
from promo.jobs.rows.work import Row, RowResult, refused
from promo.metadata_schemas.known import changed_metadata
from promo.outbox.events import emit
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

RESOURCE = "voucher"
_WRITER = RowWriter(Voucher)


def write_metadata(
    project: Project, rows: Sequence[tuple[Row, str, dict[str, Any]]], *, now: datetime
) -> list[RowResult]:
    """Merge metadata into the codes that rows name; return what came of each.

    A row is number, code and metadata; rows of one code apply in their order. Unknown
    codes are reported, and those that a restricted caller must not change. The codes
    are held in the order of their ids. A constant number of statements.
    """
    held = _held(project, {code_key(project, code) for _, code, _ in rows})
    reached = reached_of(project, held.values())
    results, changed = [], {}
    for row, code, sent in rows:
        voucher = held.get(code_key(project, code))
        try:
            if voucher is None:
                raise ResourceNotFound(RESOURCE, code)
            check_reached(voucher, reached)
            kept = changed_metadata(project, RESOURCE, voucher.metadata, sent)
        except PromoError as why:
            results.append(_left_out(row, code, why, found=voucher is not None))
            continue
        if kept != voucher.metadata:
            voucher.metadata, voucher.updated_at = kept, now
            changed[voucher.pk] = voucher
        results.append(
            RowResult(number=row.number, name=code, found=True, updated=True)
        )
    _store(project, list(changed.values()), now)
    return results


def _held(project: Project, keys: set[str]) -> dict[str, Voucher]:
    rows = project.vouchers.alive().filter(code_key__in=keys).order_by("pk")
    locked = rows.select_for_update(no_key=True, of=("self",))
    found = locked.select_related("campaign__category", "category")
    return {one.code_key: one for one in found}


def _left_out(row: Row, code: str, why: PromoError, *, found: bool) -> RowResult:
    plain = refused(row, code, why)
    return RowResult(
        number=row.number,
        name=code,
        found=found,
        updated=False,
        error_key=plain.error_key,
        reason=plain.reason,
    )


def _store(project: Project, changed: Sequence[Voucher], now: datetime) -> None:
    if not changed:
        return
    _WRITER.update(changed, ["metadata", "updated_at"])
    told = [
        events.voucher_updated(
            shown, simple_campaign(one.campaign) if one.campaign else None
        )
        for one, shown in zip(changed, rendered_vouchers(project, changed), strict=True)
    ]
    emit(project, told, now=now)
