"""What the page of a segment shows of who would be in it, while it is built."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse

from customers.models import Customer, SegmentType
from customers.services.segment_preview import (
    SegmentPreview,
    preview_filter,
    preview_listed,
)
from promo.admin.forms import in_words
from promo.admin.presentation import money
from promo.admin.visit import project_of, visit
from promo.errors import PromoError
from promo.tenancy.models import Project

Json = dict[str, Any]


def preview_of(request: HttpRequest, form: Any) -> Json:
    """Return what the page shows for the fields as they are typed.

    ``refusal`` says what keeps the fields from having a meaning; it is empty, and there
    is no ``count``, where nothing has been said yet.
    """
    for name in ("name", "type"):
        form.fields[name].required = False
    if not form.is_valid():
        return {"refusal": " ".join(_errors(form))}
    project, now = project_of(request), visit(request).now
    try:
        found = _found(form, project, now)
    except PromoError as refused:
        return {"refusal": in_words(refused)}
    return _shown(found, project) if found else {}


def _shown(found: SegmentPreview, project: Project) -> Json:
    shown, hidden = len(found.sample), found.fitting - len(found.sample)
    return {
        "count": f"{found.fitting:,}",
        "of": f"of {found.total:,} customer{pluralize(found.total)}",
        "rows": [_row(customer, project) for customer in found.sample],
        "more": f"The newest {shown}; {hidden:,} more fit." if hidden else "",
    }


def _found(form: Any, project: Project, now: datetime) -> SegmentPreview | None:
    """Return who fits; None where the fields say nothing yet."""
    values = form.cleaned_data
    if values["type"] == SegmentType.STATIC:
        listed = values["customers"]
        return preview_listed(project=project, customers=listed) if listed else None
    wanted = form.filter_sent
    if not wanted or wanted.keys() == {"junction"}:
        return None
    return preview_filter(project=project, filter=wanted, now=now)


def _errors(form: Any) -> Iterable[str]:
    for name, errors in form.errors.items():
        label = form[name].label if name in form.fields else ""
        for error in errors:
            yield f"{label}: {error}" if label else error


def _row(customer: Customer, project: Project) -> Json:
    orders = customer.summary["orders"]
    return {
        "name": str(customer),
        "page": reverse("admin:customers_customer_change", args=(quote(customer.pk),)),
        "email": customer.email or "-",
        "city": (customer.address or {}).get("city") or "-",
        "orders": f"{orders['total_count']:,}",
        "spent": money(orders["total_amount"], project.currency),
    }
