"""The report of what came of each row: its address, and its file.

An address is signed: who has it reads this one report, as long as it is kept.
"""

from collections.abc import Iterator
from datetime import datetime

from django.core import signing
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import reverse

from promo.csv_cells import csv_lines
from promo.jobs.models import AsyncAction, ReportRow
from promo.jobs.rows.keeping import REPORTS_KEPT
from promo.jobs.rows.work import work_behind

_SIGNER = signing.TimestampSigner(salt="promo.jobs.report")


def report_path(action: AsyncAction) -> str:
    """Return the signed path of an action's report; empty where it has none."""
    if action.finished_at is None or work_behind(action) is None:
        return ""
    token = _SIGNER.sign(action.pk).partition(":")[2]
    return f"{reverse('action-report', args=[action.pk])}?token={token}"


def available_till(action: AsyncAction) -> datetime:
    """Return when the report of an action is forgotten."""
    return (action.finished_at or action.created_at) + REPORTS_KEPT


def download_report(request: HttpRequest, reference: str) -> StreamingHttpResponse:
    """Answer the report as a CSV file, streamed.

    Raises:
        Http404: the address was not signed for this report, or it is forgotten.
    """
    token = request.GET.get("token", "")
    try:
        _SIGNER.unsign(f"{reference}:{token}", max_age=REPORTS_KEPT)
    except signing.BadSignature as wrong:
        raise Http404 from wrong
    action = AsyncAction.objects.filter(pk=reference).first()
    if action is None:
        raise Http404
    answer = StreamingHttpResponse(report_lines(action), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="report-{reference}.csv"'
    return answer


def report_lines(action: AsyncAction) -> Iterator[str]:
    """Return the lines of a report, made as they are asked for."""
    work = work_behind(action)
    if work is None:
        raise Http404
    named = {} if work.name_field is None else {work.name_field: "name"}
    outcome = {one: one for one in ("found", "updated") if work.reports_all}
    error = {"error_key": "error_key", "error_details": "reason"}
    columns = {"row": "number", **named, **outcome, **error}
    rows = ReportRow.objects.filter(action=action).order_by("number")
    found = rows.values_list(*columns.values()).iterator()
    return csv_lines(list(columns), map(_written, found))


def _written(row: tuple[object, ...]) -> list[object]:
    return [str(cell).lower() if isinstance(cell, bool) else cell for cell in row]
