"""What the page of a customer says of segments: which hold the person, and why."""

from functools import partial

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse

from customers.models import Customer, SegmentType
from customers.services.segment_reasons import Held, segments_with_why
from promo.admin.panel import Cell, Panel
from promo.admin.presentation import money
from promo.admin.summary import list_address
from promo.admin.tabs import Tab
from promo.admin.visit import visit

_LISTED = "Listed by hand, whatever the profile says"


def _panels(request: HttpRequest, customer: Customer) -> list[Panel | None]:
    found = segments_with_why(
        customer,
        money=partial(money, currency=customer.project.currency),
        now=visit(request).now,
    )
    return [
        Panel(
            title="Segments",
            columns=("Segment", "Kind", "Why"),
            rows=[_row(one) for one in found],
            empty="No segment holds this customer.",
            link=list_address("customers_segment"),
            link_text="All segments",
        )
    ]


def _row(held: Held) -> list[Cell]:
    segment = held.segment
    page = reverse("admin:customers_segment_change", args=(quote(segment.pk),))
    why = Cell("", lines=held.why) if held.why else Cell(_LISTED)
    return [
        Cell(segment.name, link=page),
        Cell(SegmentType(segment.type).label),
        why,
    ]


SEGMENTS = Tab("segments", "Segments", "segments.read", _panels)
