"""Asynchronous actions as the API shows them.

Source: data specification, "Async actions".
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from promo.clock import isoformat
from promo.jobs.models import ActionStatus, AsyncAction
from promo.jobs.rows.reports import available_till, report_path
from promo.jobs.rows.work import work_of

WHOLE = 100
_MILLISECOND = timedelta(milliseconds=1)
_SHOWN = {ActionStatus.ACCEPTED.value: "ENQUEUED"}


def action_as_json(
    action: AsyncAction, *, with_result: bool, address: Callable[[str], str] = str
) -> dict[str, Any]:
    """Return an action; lists leave its result out.

    ``address`` makes a whole address of a path, for the reports.
    """
    shown: dict[str, Any] = {
        "id": action.pk,
        "type": action.type,
        "status": _SHOWN.get(action.status, action.status),
        "operation_status": _outcome(action),
        "created_at": isoformat(action.created_at),
        "updated_at": isoformat(action.stepped_at or action.created_at),
        "request_id": action.request_id,
        "processing_time": _milliseconds(action),
        "progress": percent_of(action),
        "object": "async_action",
    }
    if with_result:
        shown["result"] = {**action.result, **_reports(action, address)}
        shown |= {k: v for k, v in action.source.items() if k == "user"}
    return shown


def _reports(action: AsyncAction, address: Callable[[str], str]) -> dict[str, Any]:
    path = report_path(action)
    if not path or not work_of(action.type).reports_all:
        return {}
    return {
        "reports": [address(path)],
        "reports_available_till": isoformat(available_till(action)),
    }


def _outcome(action: AsyncAction) -> str:
    """Some failed rows are a success still, nothing but failed rows is none."""
    if action.finished_at is None:
        return "UNKNOWN"
    result = action.result
    all_failed = not result.get("done_count") and bool(result.get("failed_count"))
    failed = action.status == ActionStatus.FAILED or all_failed
    return "FAILED" if failed else "SUCCESS"


def _milliseconds(action: AsyncAction) -> int:
    ended = action.finished_at or action.stepped_at or action.created_at
    return max((ended - action.created_at) // _MILLISECOND, 0)


def percent_of(action: AsyncAction) -> int:
    """Return how much of an action is done, 100 when it has ended."""
    if action.finished_at is not None:
        return WHOLE
    done, total = action.progress.get("done", 0), action.progress.get("total", 0)
    return min(WHOLE * int(done) // int(total), WHOLE - 1) if total else 0
