"""Starting work on rows, stopping it and going on with it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import methodcaller
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from promo.errors import BadRequest
from promo.jobs.actions import ask_worker, enqueue, let_next_run, record_action
from promo.jobs.models import ActionStatus, AsyncAction
from promo.jobs.rows.uploads import keep_upload
from promo.jobs.rows.work import is_row_work, work_of
from promo.tenancy.models import Project

STOPPED = "stopped"
#: Why work has failed that somebody has stopped.
STOP = {"key": STOPPED, "message": "Stopped", "details": None}


@transaction.atomic
def start_row_work(
    *,
    project: Project,
    kind: str,
    chunks: Iterable[bytes],
    now: datetime,
    arguments: Mapping[str, Any] | None = None,
) -> AsyncAction:
    """Keep what was sent and have a worker take its rows.

    ``chunks`` are the bytes of a CSV file, or of JSON objects, one a line.
    """
    action = enqueue(project=project, kind=kind, arguments=arguments or {}, now=now)
    return _with_upload(action, chunks)


@transaction.atomic
def draft_row_work(
    *,
    project: Project,
    kind: str,
    chunks: Iterable[bytes],
    now: datetime,
    arguments: Mapping[str, Any] | None = None,
) -> AsyncAction:
    """Keep what was sent until somebody has looked at the preview and confirms.

    Raises:
        PromoError: nothing can come of it.
    """
    work_of(kind).check(project, arguments or {})
    action = record_action(
        project=project, kind=kind, arguments=arguments or {}, now=now
    )
    action.status = ActionStatus.DRAFT
    action.finished_at = now
    return _with_upload(action, chunks)


@transaction.atomic
def confirm_row_work(action: AsyncAction, *, now: datetime) -> AsyncAction:
    """Have a worker take the rows of a draft; once, however often it is asked.

    Raises:
        BadRequest: ``invalid_async_action``: it is no draft any more.
    """
    held = AsyncAction.objects.select_for_update().get(pk=action.pk)
    if held.status != ActionStatus.DRAFT:
        raise _refused("The work has begun already")
    held.status = ActionStatus.ACCEPTED
    held.finished_at, held.created_at = None, now
    held.save()
    ask_worker(held)
    return held


def _with_upload(action: AsyncAction, chunks: Iterable[bytes]) -> AsyncAction:
    action.progress = {"done": 0, "total": keep_upload(action, chunks)}
    action.save()
    return action


def json_lines(items: Sequence[Any]) -> Iterable[bytes]:
    """Return objects as they are kept, one a line; dates as JSON has them."""
    return (_line(item) for item in items)


def _line(item: Any) -> bytes:
    text = json.dumps(item, separators=(",", ":"), default=methodcaller("isoformat"))
    return text.encode() + b"\n"


@transaction.atomic
def discard_draft(action: AsyncAction) -> None:
    """Forget a draft with what was sent for it; what has begun stays."""
    AsyncAction.objects.filter(pk=action.pk, status=ActionStatus.DRAFT).delete()


@transaction.atomic
def stop_action(action: AsyncAction, *, now: datetime) -> AsyncAction:
    """End work before all of it is done; what was done stays.

    It waits for the step that is running. What was sent for rows is kept, so that the
    work can go on.

    Raises:
        BadRequest: ``invalid_async_action``: it has ended, or cannot be stopped.
    """
    if action.type in settings.STOPPED_BY:
        return _stop_by_its_own(action)
    held = AsyncAction.objects.select_for_update().get(pk=action.pk)
    if not can_be_stopped(held):
        raise _refused("The work has ended, or cannot be stopped")
    held.status = ActionStatus.FAILED
    held.finished_at = held.stepped_at = now
    held.result = held.result | {"error": STOP}
    held.save()
    let_next_run(held)
    return held


def can_be_stopped(action: AsyncAction) -> bool:
    """Say whether an action is still at work, and can be ended before its time."""
    known = is_row_work(action.type) or action.type in settings.STOPPED_BY
    return known and action.finished_at is None and action.parent_id is None


def _stop_by_its_own(action: AsyncAction) -> AsyncAction:
    if not can_be_stopped(AsyncAction.objects.get(pk=action.pk)):
        raise _refused("The work has ended")
    import_string(settings.STOPPED_BY[action.type])(action)
    action.refresh_from_db()
    return action


@transaction.atomic
def resume_action(action: AsyncAction, *, now: datetime) -> AsyncAction:
    """Go on with work that was stopped, behind the last row that was taken.

    Raises:
        BadRequest: ``invalid_async_action``: it was not stopped.
    """
    held = AsyncAction.objects.select_for_update().get(pk=action.pk)
    if not was_stopped(held) or not is_row_work(held.type):
        raise _refused("The work was not stopped, or cannot go on")
    _check_not_undone(held)
    return _go_on(held, now)


@transaction.atomic
def retry_action(action: AsyncAction, *, now: datetime) -> AsyncAction:
    """Go on with work that has failed, behind the last step that was done.

    Raises:
        BadRequest: ``invalid_async_action``: it has not failed, or what was sent for it
            is kept no longer.
    """
    held = AsyncAction.objects.select_for_update().get(pk=action.pk)
    if not has_failed(held):
        raise _refused("The work has not failed")
    _check_not_undone(held)
    if is_row_work(held.type) and not held.upload_parts.exists():
        raise _refused("The file is not kept any more; bring it in again")
    return _go_on(held, now)


def has_failed(action: AsyncAction) -> bool:
    """Say whether an action has failed as a whole, and nobody has stopped it."""
    failed = action.status == ActionStatus.FAILED and not was_stopped(action)
    return failed and action.parent_id is None


def _check_not_undone(held: AsyncAction) -> None:
    if "undone_by" in held.result:
        raise _refused("What it has made was taken back")


def _go_on(held: AsyncAction, now: datetime) -> AsyncAction:
    held.status = ActionStatus.IN_PROGRESS
    held.finished_at = None
    held.stepped_at = now
    held.result = {k: v for k, v in held.result.items() if k != "error"}
    held.save()
    ask_worker(held)
    return held


def was_stopped(action: AsyncAction) -> bool:
    """Say whether somebody has stopped an action, so that it can go on."""
    error = action.result.get("error") or {}
    return action.finished_at is not None and error.get("key") == STOPPED


def _refused(details: str) -> BadRequest:
    return BadRequest("invalid_async_action", "Invalid async action", details)
