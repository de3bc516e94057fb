"""Forgetting a person in what the plumbing keeps: events, answers, work, the log.

All of it runs inside the transaction of an erasure.

Source: data specification, "Delete and erase".
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import F, JSONField, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat, Replace, StrIndex
from django.db.models.lookups import GreaterThan

from customers.engine.forgetting import Person, forgotten, is_about
from customers.models import Customer
from promo.api.models import IdempotentAnswer
from promo.errors import ResourceNotFound
from promo.jobs.models import AsyncAction
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project

_BATCH = 500
_ORDERS = "customer.order."
_RESULTS = ("arguments", "progress", "result")


def person_of(customer: Customer) -> Person:
    """Return what a customer may be called by."""
    return Person(
        id=customer.pk,
        source_id=customer.source_id,
        email=customer.email,
        phone=customer.phone,
    )


def forget_events(project: Project, person: Person) -> dict[str, int]:
    """Delete the person's events, and take the person out of those of others."""
    own = DomainEvent.objects.filter(project=project, customer_id=person.id)
    orders = own.filter(type__startswith=_ORDERS).delete()[0]
    counts = {"order_events": orders, "customer_events": own.delete()[0], "events": 0}
    for batch in _batches(_naming(DomainEvent, project, "payload", person)):
        theirs = [
            event
            for event in batch
            if not event.customer_id and is_about(event.payload, person)
        ]
        keys = {event.pk for event in theirs}
        counts["events"] += len(keys)
        DomainEvent.objects.filter(pk__in=keys).delete()
        others = [event for event in batch if event.pk not in keys]
        for event in others:
            event.payload = forgotten(event.payload, person)
        DomainEvent.objects.bulk_update(others, ["payload"])
    return counts


def forget_answers(project: Project, person: Person) -> None:
    """Let retries of requests about the person find nobody, without working again."""
    gone = ResourceNotFound("customer", person.id)
    body = {
        "code": gone.code,
        "key": gone.key,
        "message": gone.message,
        "details": gone.details,
        "resource_id": gone.resource_id,
        "resource_type": gone.resource_type,
    }
    answers = _naming(IdempotentAnswer, project, "body", person)
    answers.update(status=gone.code, body=body)
    named = Q(key=person.id)
    for text in person.texts:
        named |= Q(key__contains=text) if text == person.email else Q(key=text)
    keyed = IdempotentAnswer.objects.filter(named, project=project)
    pk = Cast("pk", TextField())
    keyed.update(key=Concat(Value("erased-"), pk, output_field=TextField()))


def forget_work(project: Project, person: Person) -> None:
    """Take the person out of what asynchronous actions were told and answer."""
    for name in _RESULTS:
        for batch in _batches(_naming(AsyncAction, project, name, person)):
            for action in batch:
                setattr(action, name, forgotten(getattr(action, name), person))
            AsyncAction.objects.bulk_update(batch, [name])


def forget_filters(project: Project, person: Person) -> None:
    """Let filters of segments that ask for the person's address ask for nobody's."""
    if not person.email:
        return
    address, nobody = Person(person.email).marks[0], '"erased"'
    text = Cast("filter", TextField())
    rows = project.segments.alias(_text=text).filter(_text__contains=address)
    changed = Replace(text, Value(address), Value(nobody), output_field=TextField())
    rows.update(filter=Cast(changed, JSONField()))


def forget_log(customer: Customer) -> None:
    """Take the person's name off what people did at the dashboard."""
    entries = LogEntry.objects.filter(
        content_type__app_label="customers", object_id=customer.pk
    )
    entries.update(object_repr=customer.pk, change_message="")


def _naming(
    model: type[Model], project: Project, name: str, person: Person
) -> QuerySet[Any]:
    """Return the project's rows whose JSON in column ``name`` may name the person."""
    text = Cast(F(name), TextField())
    found = Q()
    for mark in person.marks:
        found |= Q(GreaterThan(StrIndex(text, Value(mark)), 0))
    rows = model._default_manager.filter(project=project)  # noqa: SLF001 - Django's documented name
    return rows.filter(found)


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Return rows in portions of a bounded size, by their keys."""
    last = None
    while True:
        ahead = rows if last is None else rows.filter(pk__gt=last)
        batch = list(ahead.order_by("pk")[:_BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].pk
