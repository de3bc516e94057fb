"""One change of many codes: those that a search finds, portion by portion.

The search is as of the moment it was asked for. Codes go by their ids, so that each is
reached once whatever the change makes of it; those made later are left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from campaigns import events
from campaigns.models import Voucher
from campaigns.services.code_search import CodeSearch
from campaigns.services.own_category import read_category
from campaigns.services.rendering import rendered_vouchers
from campaigns.services.time_limits import read_limits
from campaigns.services.voucher import RESOURCE, delete_voucher
from campaigns.wire import simple_campaign
from promo.errors import InvalidPayload, PromoError
from promo.jobs.actions import enqueue
from promo.jobs.models import AsyncAction
from promo.jobs.rows.step import Batch, note
from promo.jobs.rows.work import Row, RowResult, RowWork, refused, work_of
from promo.metadata_schemas.known import changed_metadata, checked_metadata
from promo.outbox.events import emit
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

KIND = "VOUCHERS.CHANGE_OF_MANY"
#: Codes of one step; to delete one takes several statements.
PORTION, PORTION_TO_DELETE = 2_000, 200
_WRITER = RowWriter(Voucher)


class Change(StrEnum):
    """What can be done to many codes at once."""

    ENABLE = "enable"
    DISABLE = "disable"
    EXPIRE = "expiration_date"
    CATEGORY = "category"
    METADATA = "metadata"
    DELETE = "delete"


_FIELDS = {
    Change.ENABLE: ("active",),
    Change.DISABLE: ("active",),
    Change.EXPIRE: ("expiration_date", "own_fields"),
    Change.CATEGORY: ("category_id",),
    Change.METADATA: ("metadata",),
}
_TOLD = {
    Change.ENABLE: events.voucher_enabled,
    Change.DISABLE: events.voucher_disabled,
}


class CodeChanges(RowWork):
    """The work as pages and reports show it."""

    label = "voucher(s)"
    permission = "vouchers.modify"
    name_field = "code"
    reports_all = True


@dataclass(frozen=True, slots=True)
class _Asked:
    project: Project
    change: Change
    value: Any
    now: datetime


@transaction.atomic
def start_change(
    *,
    project: Project,
    search: CodeSearch,
    change: Change,
    now: datetime,
    value: Any = None,
) -> AsyncAction:
    """Have every code that ``search`` finds changed in the background.

    ``value`` is the new end as an ISO 8601 moment or None for no end, the id of a
    category or None for none, the metadata to merge; nothing for the others.

    Raises:
        MetadataRefused: the project's schema forbids the metadata.
        ResourceNotFound: no such category.
        InvalidPayload: a value of another shape.
    """
    if change is Change.EXPIRE:
        read_limits({"expiration_date": value})
    elif change is Change.CATEGORY:
        read_category(project, {"category_id": value}, now)
    elif change is Change.METADATA:
        if not isinstance(value, dict) or not value:
            raise InvalidPayload("Property .metadata must name a key")
        checked_metadata(project, RESOURCE, value)
    arguments = {"search": search.as_json(), "change": change.value, "value": value}
    return enqueue(project=project, kind=KIND, arguments=arguments, now=now)


def change_step(action: AsyncAction, *, now: datetime) -> bool:
    """Change the next codes of an action; return whether it is complete."""
    asked = _Asked(
        action.project,
        Change(action.arguments["change"]),
        action.arguments["value"],
        now,
    )
    progress = action.progress
    search = CodeSearch.from_json(action.arguments["search"])
    rows = search.rows(asked.project, action.created_at)
    rows = rows.filter(created_at__lte=action.created_at)
    if "total" not in progress:
        action.progress = progress = {"total": rows.count()}
    if "after" in progress:
        rows = rows.filter(pk__gt=progress["after"])
    rows = rows.select_related("campaign__category", "category").order_by("pk")
    most = PORTION
    if _deletes(asked):
        # Each is held when its turn comes, behind its campaign.
        most = PORTION_TO_DELETE
    else:
        rows = rows.select_for_update(no_key=True, of=("self",))
    held = list(rows[:most])
    done = progress.get("row", 0)
    numbered = list(enumerate(held, done + 1))
    results = _delete(asked, numbered) if _deletes(asked) else _set(asked, numbered)
    end = done + len(held)
    complete = len(held) < most
    note(action, work_of(KIND), Batch([], [], end, end, complete), results)
    if held:
        action.progress = action.progress | {"after": held[-1].pk}
    return complete


def _deletes(asked: _Asked) -> bool:
    return asked.change is Change.DELETE


def _delete(asked: _Asked, rows: Sequence[tuple[int, Voucher]]) -> list[RowResult]:
    results = []
    for number, voucher in rows:
        voucher.project = asked.project
        try:
            with transaction.atomic():
                delete_voucher(voucher, now=asked.now)
        except PromoError as why:
            results.append(refused(Row(number, {}), voucher.code, why))
        else:
            results.append(_taken(number, voucher))
    return results


def _set(asked: _Asked, rows: Sequence[tuple[int, Voucher]]) -> list[RowResult]:
    """Change the codes that can take it; a constant number of statements."""
    category = None
    if asked.change is Change.CATEGORY:
        named = {"category_id": asked.value}
        category = read_category(asked.project, named, asked.now)["category"]
    results, changed = [], []
    for number, voucher in rows:
        voucher.project = asked.project
        try:
            if asked.change is Change.CATEGORY:
                moved = voucher.category_id != getattr(category, "pk", None)
                voucher.category = category
            else:
                moved = _put(asked, voucher)
        except PromoError as why:
            results.append(refused(Row(number, {}), voucher.code, why))
            continue
        if moved:
            voucher.updated_at = asked.now
            changed.append(voucher)
        results.append(_taken(number, voucher))
    _store(asked, changed)
    return results


def _put(asked: _Asked, voucher: Voucher) -> bool:
    """Change a code in memory; return whether it differs now.

    Raises:
        PromoError: the code cannot be like that.
    """
    if asked.change is Change.EXPIRE:
        return _put_end(asked, voucher)
    if asked.change is Change.METADATA:
        kept = changed_metadata(
            asked.project, RESOURCE, voucher.metadata, dict(asked.value)
        )
        moved = bool(kept != voucher.metadata)
        voucher.metadata = kept
        return moved
    wanted = asked.change is Change.ENABLE
    moved = voucher.active is not wanted
    voucher.active = wanted
    return moved


def _put_end(asked: _Asked, voucher: Voucher) -> bool:
    name = "expiration_date"
    end = read_limits({name: asked.value}, voucher)[name]
    moved = bool(end != voucher.expiration_date)
    voucher.expiration_date = end
    if voucher.campaign_id and name not in voucher.own_fields:
        voucher.own_fields = sorted({*voucher.own_fields, name})
        return True
    return moved


def _store(asked: _Asked, changed: Sequence[Voucher]) -> None:
    if not changed:
        return
    _WRITER.update(changed, [*_FIELDS[asked.change], "updated_at"])
    kind = _TOLD.get(asked.change, events.voucher_updated)
    shown = rendered_vouchers(asked.project, changed)
    told = [
        kind(one, simple_campaign(voucher.campaign) if voucher.campaign else None)
        for voucher, one in zip(changed, shown, strict=True)
    ]
    emit(asked.project, told, now=asked.now)


def _taken(number: int, voucher: Voucher) -> RowResult:
    return RowResult(number=number, name=voucher.code, found=True, updated=True)
