"""Forgetting a person for good.

Later stages keep things about customers too. ``CUSTOMER_ERASERS`` names their
functions: each takes the customer and ``now``, deletes or blanks what it keeps
inside the running transaction and returns what it counted, by the names below.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from customers import events
from customers.engine.forgetting import Person
from customers.models import Customer, SegmentMember
from customers.models.customer import ID_PREFIX, CustomerQuerySet
from customers.services import forgetting
from customers.services.custom_event import forget_events
from promo.audit.forgetting import forget_customer as forget_changes
from promo.call_log.forgetting import forget_person
from promo.errors import ResourceNotFound
from promo.ids import new_id, parse_or_none
from promo.outbox.events import emit
from promo.tenancy.models import Project

COUNTED = (
    "events",
    "customer_events",
    "daily_events",
    "segments",
    "orders",
    "order_events",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The record of one erasure: whose, when, and how much was deleted."""

    id: str
    customer_id: str
    counts: dict[str, int]
    created_at: datetime


@transaction.atomic
def erase_customer(project: Project, reference: str, *, now: datetime) -> Erasure:
    """Delete everything about a person; a deleted profile is found by its id.

    1. Forget a confirmation that is pending, then hold the row, so that nothing new
       is tied to it.
    2. Let every stage forget what it keeps, then delete the profile and forget it in
       events, answers, work, and all logs: that of changes last, which has heard of
       the erasure itself.
    3. Tell listeners, unless they have heard of a deletion before.

    Raises:
        ResourceNotFound: no such customer, or erased before.

    Source: data specification, "Delete and erase".
    """
    person, customer = _hold(project, reference)
    customer_id, was_deleted = customer.pk, customer.deleted_at is not None
    counts = dict.fromkeys(COUNTED, 0)
    for eraser in settings.CUSTOMER_ERASERS:
        for name, number in import_string(eraser)(customer, now=now).items():
            counts[name] += number
    counts["events"] += forget_events(customer)
    counts["segments"] += SegmentMember.objects.filter(customer=customer).delete()[0]
    for name, number in _forget(customer, person).items():
        counts[name] += number
    named = (customer_id, customer.source_id, customer.email)
    forget_person(project, named, now=now)
    customer.delete()
    forget_changes(project, customer_id, person.texts, now=now)
    if not was_deleted:
        emit(project, [events.customer_erased(customer_id)], now=now)
    return Erasure(
        id=new_id("del_"), customer_id=customer_id, counts=counts, created_at=now
    )


def _forget(customer: Customer, person: Person) -> dict[str, int]:
    project = customer.project
    forgetting.forget_answers(project, person)
    forgetting.forget_work(project, person)
    forgetting.forget_filters(project, person)
    forgetting.forget_log(customer)
    return forgetting.forget_events(project, person)


def _hold(project: Project, reference: str) -> tuple[Person, Customer]:
    """Return the customer, held; a deleted one is found by its id alone."""
    found = _find(project.customers.all(), reference)
    person = forgetting.person_of(found)
    forgetting.forget_pending(project, person)
    rows = project.customers.select_for_update().filter(pk=found.pk)
    return person, _find(rows, found.pk)


def _find(rows: CustomerQuerySet, reference: str) -> Customer:
    customer = None
    if parse_or_none(ID_PREFIX, reference):
        customer = rows.filter(pk=reference).first()
    customer = customer or rows.by_reference(reference).first()
    if customer is None:
        raise ResourceNotFound("customer", reference)
    return customer
