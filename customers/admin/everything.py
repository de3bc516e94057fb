"""Everything that is kept about a customer, as a file for whom it is about."""

from datetime import datetime

from django.http import StreamingHttpResponse

from customers.models import Customer
from customers.services.records import json_parts


def everything_about(customer: Customer, *, now: datetime) -> StreamingHttpResponse:
    """Return the file; the database hands over long sections in portions."""
    response = StreamingHttpResponse(
        json_parts(customer, now=now), content_type="application/json; charset=utf-8"
    )
    name = f"{customer.pk}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
