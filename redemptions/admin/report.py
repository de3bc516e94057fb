"""The page of reports, and its tables as files."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime

from promo.admin.presentation import money
from promo.admin.summary import Figure
from promo.admin.visit import project_of, visit
from promo.csv_cells import csv_lines
from promo.tenancy.models import Project
from redemptions.admin import charts
from redemptions.admin.redemption_filters import REFUSED, SUCCEEDED, UNDONE
from redemptions.admin.report_query import Asked, ReportForm
from redemptions.admin.report_tables import (
    TABLES,
    ShownTable,
    file_rows,
    header,
    log_address,
    shown,
    time_table,
)
from redemptions.services.report import Report, Row, Step, is_kept, report_of

_LABELS = {
    Step.HOUR: "%-d %b %H:%M",
    Step.DAY: "%-d %b",
    Step.WEEK: "%-d %b",
    Step.MONTH: "%b %Y",
}


def report(request: HttpRequest) -> HttpResponseBase:
    """Show the report that the query asks for."""
    form, project = _form(request)
    asked, seen = form.asked, visit(request)
    found = report_of(asked.scope, asked.days, asked.step)
    currency = project.currency
    context = {
        **admin.site.each_context(request),
        "title": "Reports",
        "form": form,
        "asked": asked,
        "as_of": localtime(seen.now),
        "days_before": asked.days.before,
        "is_kept": is_kept(project),
        "summary": _cards(found, asked, currency),
        "uses": _uses_chart(found, asked),
        "money": _money_chart(found, asked, currency),
        "bar_options": charts.options(stacked=True),
        "line_options": charts.options(stacked=False),
        "by_time": _shown(time_table(asked, found), asked, currency),
        "tables": [
            _shown(TABLES[name](asked), asked, currency)
            for name in ("reasons", "codes", "products")
        ],
        "wide_tables": [
            _shown(TABLES[name](asked), asked, currency)
            for name in ("campaigns", "channels")
            if name == "channels" or asked.scope.campaign is None
        ],
    }
    return TemplateResponse(request, "admin/report.html", context)


def report_file(request: HttpRequest, table: str) -> HttpResponseBase:
    """Send one table of the report that the query asks for, all its rows."""
    form, project = _form(request)
    if table not in TABLES:
        msg = "No such table"
        raise Http404(msg)
    asked = form.asked
    wanted = TABLES[table](asked)
    lines = csv_lines(header(wanted, project.currency), file_rows(wanted))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    days = f"{asked.days.first}-{asked.days.last}"
    response["Content-Disposition"] = f'attachment; filename="{table}-{days}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _form(request: HttpRequest) -> tuple[ReportForm, Project]:
    seen = visit(request)
    if seen.project is None or not seen.may("redemptions.read"):
        raise PermissionDenied
    project = project_of(request)
    calendar = project.calendar(seen.now)
    return ReportForm(request.GET, calendar=calendar, project=project), project


def _shown(table: Any, asked: Asked, currency: str) -> ShownTable:
    address = reverse("report-file", args=(table.name,))
    return shown(table, currency, f"{address}?{asked.query}")


def _cards(found: Report, asked: Asked, currency: str) -> list[Figure]:
    now, before = found.totals, found.before

    def amount(value: int | None) -> str:
        return money(value, currency)

    def count(value: int | None) -> str:
        return f"{value or 0:,}"

    def figure(name: str, of: str, shown_as: Any, outcome: str = "") -> Figure:
        value, earlier = getattr(now, of), getattr(before, of)
        link = log_address(asked, outcome=outcome) if outcome else ""
        note = _change(value, earlier, shown_as)
        return Figure(name, shown_as(value), note, link=link)

    earlier = "none" if before.average is None else amount(before.average)
    average = f"{now.orders:,} orders; {earlier} before"
    refused = f"{_rate(now.refused, now.attempts)} of {now.attempts:,} attempts; "
    refused += f"{_rate(before.refused, before.attempts)} before"
    link = log_address(asked, outcome=REFUSED)
    cards = [
        figure("Redemptions", "redemptions", count, SUCCEEDED),
        figure("Customers", "customers", count),
        figure("Discount given", "discount", amount),
        figure("Revenue with discount", "revenue", amount),
        Figure("Average order", amount(now.average), average),
        Figure("Refused", count(now.refused), refused, link=link),
        figure("Rolled back", "rolled_back", count, UNDONE),
    ]
    if now.credits or before.credits:
        cards.append(figure("Gift credits used", "credits", amount))
    return cards


def _rate(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else "none"


def _change(now: int | None, before: int | None, shown_as: Any) -> str:
    """Return how a figure changed, with what it was before."""
    now, before = now or 0, before or 0
    if not before:
        return "None before" if now else "None before either"
    by = round(100 * (now - before) / before)
    return f"{by:+,} %, {shown_as(before)} before"


def _labels(found: Report, asked: Asked) -> list[str]:
    zone = asked.scope.project.zone
    form = _LABELS[asked.step]
    return [f"{row.at.astimezone(zone):{form}}" for row in found.rows]


def _uses_chart(found: Report, asked: Asked) -> str:
    def of(name: str) -> list[float | None]:
        return [getattr(row.totals, name) for row in found.rows]

    return charts.bars(
        _labels(found, asked),
        [
            charts.Series("Redeemed", of("redemptions"), charts.GREEN),
            charts.Series("Rolled back", of("rolled_back"), charts.PALE),
            charts.Series("Refused", of("refused"), charts.GREY),
        ],
    )


def _money_chart(found: Report, asked: Asked, currency: str) -> str:
    def of(rows: tuple[Row, ...], name: str) -> list[float | None]:
        return [getattr(row.totals, name) / 100 for row in rows]

    rows = tuple(found.rows)
    return charts.lines(
        _labels(found, asked),
        [
            charts.Series(f"Revenue, {currency}", of(rows, "revenue"), charts.GREEN),
            charts.Series(f"Discount, {currency}", of(rows, "discount"), charts.RED),
        ],
    )
