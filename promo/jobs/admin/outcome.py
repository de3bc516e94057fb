"""How far long work is and what came of it, as pages show it."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from promo.admin.panel import Cell, Panel
from promo.admin.presentation import json_block, moment
from promo.jobs.models import ActionStatus, AsyncAction, ReportRow
from promo.jobs.rows.reports import report_path
from promo.jobs.rows.work import is_row_work, is_undo, work_behind, work_of
from promo.jobs.wire import percent_of

Json = dict[str, Any]
#: How many refused rows stand on the page; the report has all of them.
SHOWN = 10
#: How many imports stand on their page.
RECENT = 10

_NOT_TAKEN, _KEPT = "Rows that were not taken", "In use, and therefore kept"
_TONES = {
    ActionStatus.ACCEPTED.value: "plain",
    ActionStatus.IN_PROGRESS.value: "warn",
    ActionStatus.DONE.value: "good",
    ActionStatus.FAILED.value: "bad",
}


def outcome_in_words(shown: AsyncAction) -> str:
    """Return how an action ended, or that it has not."""
    error = shown.result.get("error")
    if error:
        told = error.get("details")
        return f"{error.get('message')}: {told}" if told else str(error.get("message"))
    if shown.finished_at is None:
        return "A worker is on it, or will be within half a minute."
    if is_row_work(shown.type):
        return _rows_in_words(shown)
    return str(shown.result.get("message") or "Everything was done.")


def _rows_in_words(shown: AsyncAction) -> str:
    done, failed = _counts(shown)
    if not failed:
        return f"All {done:,} rows were taken."
    return f"{done:,} of {done + failed:,} rows were taken, {failed:,} were not."


def _counts(shown: AsyncAction) -> tuple[int, int]:
    """Return how many rows were taken, and how many were not."""
    result = shown.result
    return result.get("done_count") or 0, result.get("failed_count") or 0


def bar_of(shown: AsyncAction) -> Json:
    """Return what the progress bar shows of an action."""
    done, failed = _counts(shown)
    address = reverse("admin:jobs_asyncaction_progress", args=[quote(shown.pk)])
    return {
        "address": address,
        "moving": shown.finished_at is None,
        "percent": percent_of(shown),
        "done": f"{done:,}" if "done_count" in shown.result else "",
        "failed": f"{failed:,}" if failed else "",
        "status": ActionStatus(shown.status).label,
    }


def moving_parts(shown: AsyncAction) -> dict[str, Any]:
    """Return what changes while the work goes on, by the name of its place."""
    return {
        "state": ActionStatus(shown.status).label,
        "outcome": outcome_in_words(shown),
        "result": json_block(shown.result),
    }


def moving_part(shown: AsyncAction, name: str) -> SafeString:
    """Return one of these in its place, into which the next answer puts it anew."""
    return format_html('<div id="job-{}">{}</div>', name, moving_parts(shown)[name])


def refused_rows(shown: AsyncAction) -> Panel | None:
    """Return the first rows that were not taken; None where there are none."""
    _, failed = _counts(shown)
    work = work_behind(shown)
    if not failed or work is None:
        return None
    rows = ReportRow.objects.filter(action=shown).exclude(error_key="")
    found = rows.order_by("number").values_list("number", "name", "reason")[:SHOWN]
    named = work.name_field or ""
    return Panel(
        title=f"{_KEPT if is_undo(shown.type) else _NOT_TAKEN}: {failed:,}",
        columns=("Row", named.replace("_", " ").capitalize(), "Reason"),
        rows=[_refused(*row) for row in found],
        empty="Their reasons are not kept any more.",
        link=report_path(shown),
        link_text="Download the report",
    )


def _refused(number: int, name: str, reason: str) -> list[Cell]:
    return [Cell(str(number)), Cell(name or "-"), Cell(reason)]


def recent_imports(rows: QuerySet[AsyncAction]) -> Panel:
    """Return the newest of ``rows``, each with what came of it and its report."""
    return Panel(
        title="Recent imports",
        columns=("What", "Status", "Rows taken", "Not taken", "Begun", "Report"),
        rows=[_import(each) for each in rows.order_by("-created_at", "-pk")[:RECENT]],
        empty="Nothing has been brought in yet. What you import is listed here.",
        link=reverse("admin:jobs_asyncaction_changelist"),
        link_text="All background work",
    )


def _import(shown: AsyncAction) -> list[Cell]:
    done, failed = _counts(shown)
    page = reverse("admin:jobs_asyncaction_change", args=[quote(shown.pk)])
    report = report_path(shown)
    status = ActionStatus(shown.status)
    return [
        Cell(work_of(shown.type).title, link=page),
        Cell(status.label, tone=_TONES[status.value]),
        Cell(f"{done:,}"),
        Cell(f"{failed:,}"),
        Cell(moment(shown.created_at)),
        Cell("Download", link=report) if report else Cell("-"),
    ]
