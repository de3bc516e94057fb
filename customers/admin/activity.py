"""What the page of a customer says of what the customer did, and what happened."""

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse

from customers.models import Customer
from promo.admin.panel import Cell, Panel
from promo.admin.presentation import moment
from promo.admin.summary import list_address
from promo.admin.tabs import Tab
from promo.admin.visit import visit
from promo.outbox.models import DomainEvent

_SHOWN = 25


def _panels(request: HttpRequest, customer: Customer) -> list[Panel | None]:
    return [_done(customer), _happened_to(request, customer)]


ACTIVITY = Tab("activity", "Activity", "customers.read", _panels)


def _done(customer: Customer) -> Panel | None:
    """Return what a customer did, the latest first; None where it is nothing."""
    counts = customer.event_counts.order_by("-last_occurred_at", "name")[:_SHOWN]
    rows = [
        [
            Cell(one.name),
            Cell(f"{one.count:,}"),
            Cell(moment(one.first_occurred_at)),
            Cell(moment(one.last_occurred_at)),
        ]
        for one in counts
    ]
    if not rows:
        return None
    return Panel("Events", ("Event", "Times", "First", "Last"), rows, "")


def _happened_to(request: HttpRequest, customer: Customer) -> Panel:
    """Return the newest events about a customer; they lead on for who reads logs."""
    events = customer.project.events.filter(customer_id=customer.pk)
    may_read = visit(request).may("logs.read")
    every = list_address("outbox_domainevent", q=customer.pk) if may_read else ""
    return Panel(
        title="What happened",
        columns=("What", "About", "When"),
        rows=[
            _row(event, customer, may_read=may_read)
            for event in events.order_by("-id")[:_SHOWN]
        ],
        empty="Nothing has happened yet.",
        link=every,
        link_text="All of it",
    )


def _row(event: DomainEvent, customer: Customer, *, may_read: bool) -> list[Cell]:
    page = reverse("admin:outbox_domainevent_change", args=(quote(event.pk),))
    return [
        Cell(_happened(event.type), link=page if may_read else ""),
        Cell(_about(event, customer)),
        Cell(moment(event.created_at)),
    ]


def _about(event: DomainEvent, customer: Customer) -> str:
    """Return what an event is about: a custom one's name, else an id."""
    if event.type == "customer.custom_event":
        return str(event.payload["event"]["type"])
    return event.entity_id if event.entity_id != customer.pk else ""


def _happened(kind: str) -> str:
    """Return an event's type in words, ``Redemption failed``."""
    about = kind.removeprefix("customer.") if kind.count(".") > 1 else kind
    return about.replace(".", " ").replace("_", " ").capitalize()
