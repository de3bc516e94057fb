"""The log of redemptions as a file."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from promo.csv_cells import csv_lines
from promo.money import in_major_units
from promo.tenancy.models import Project
from redemptions.admin.reasons import reason_in_words
from redemptions.admin.redemption_filters import outcome_of
from redemptions.models import Redemption
from redemptions.models.redemption import Result

_ROWS_AT_A_TIME = 2_000
HEADER = (
    "Id",
    "Time",
    "Result",
    "Code",
    "Promotion tier",
    "Campaign",
    "Customer id",
    "Customer",
    "E-mail address",
    "Order",
    "Order amount",
    "Discount",
    "Returned",
    "Currency",
    "Reason",
    "Reason code",
    "Tracking id",
    "Channel",
)


def export(
    project: Project, rows: QuerySet[Redemption], name: str
) -> StreamingHttpResponse:
    """Return ``rows`` as a download; the database hands them over in portions."""
    response = StreamingHttpResponse(
        csv_lines(HEADER, _cells(project, rows)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _cells(project: Project, rows: QuerySet[Redemption]) -> Iterator[tuple[Any, ...]]:
    # Pages show the project's zone; the answer is written after the page is done.
    zone = project.zone
    related = rows.select_related("customer", "campaign", "promotion_tier", "order")
    for row in related.iterator(chunk_size=_ROWS_AT_A_TIME):
        customer, order = row.customer, row.order
        amount = (row.order_state or {}).get("amount")
        yield (
            row.shown_id,
            row.created_at.astimezone(zone),
            outcome_of(row),
            row.voucher_code,
            row.promotion_tier.name if row.promotion_tier else "",
            row.campaign.name if row.campaign else "",
            row.customer_id,
            customer.name if customer else "",
            customer.email if customer else "",
            (order.source_id or order.pk) if order else "",
            None if amount is None else in_major_units(amount),
            in_major_units(row.applied_amount),
            in_major_units(row.returned_amount),
            project.currency,
            _reason(row),
            row.failure_code,
            row.tracking_id,
            row.channel_type,
        )


def _reason(row: Redemption) -> str:
    if row.result == Result.FAILURE:
        return reason_in_words(row.failure_code, row.failure_message)
    return row.reason
