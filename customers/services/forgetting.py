"""Forgetting a person in what the plumbing keeps: events, answers, work, the log.

All of it runs inside the transaction of an erasure.

Source: data specification, "Delete and erase".
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import F, JSONField, Model, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Concat, Replace, StrIndex
from django.db.models.lookups import GreaterThan

from customers.engine.forgetting import (
    Person,
    forgotten,
    is_about,
    mark_of,
    mentions,
)
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
    """Return what a customer may be called by, formerly too, as the feed tells."""
    told = DomainEvent.objects.filter(project=customer.project, customer_id=customer.pk)
    shown = told.order_by().values_list(
        KeyTextTransform("email", KeyTransform("customer", "payload")),
        KeyTextTransform("phone", KeyTransform("customer", "payload")),
    )
    known = [(customer.email, customer.phone), *shown.distinct()]
    return Person(
        id=customer.pk,
        source_id=customer.source_id,
        emails=frozenset(email for email, _ in known if email),
        phones=frozenset(phone for _, phone in known if phone),
    )


def named_by(person: Person, name: str) -> Q:
    """Return the rows whose text ``name``, made up by a client, names the person."""
    found = Q(**{name: person.id})
    if person.source_id:
        found |= Q(**{name: person.source_id})
    for email in person.emails:
        found |= Q(**{f"{name}__contains": email})
    return found


def forget_pending(project: Project, person: Person) -> None:
    """Delete what was kept of the person until an address is confirmed.

    Called before the customer is held: whoever confirms holds these first, too.
    """
    named = Q(customer=person.id)
    for email in person.emails:
        named |= Q(email__iexact=email)
    if person.source_id:
        named |= Q(profile__source_id=person.source_id)
    rows = project.unconfirmed_customers.filter(named).order_by("pk")
    held = list(rows.select_for_update().values_list("pk", flat=True))
    project.unconfirmed_customers.filter(pk__in=held).delete()


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
    for batch in _batches(_naming(IdempotentAnswer, project, "body", person)):
        keys = [one.pk for one in batch if mentions(one.body, person)]
        answers = IdempotentAnswer.objects.filter(pk__in=keys)
        answers.update(status=gone.code, body=body)
    keyed = IdempotentAnswer.objects.filter(named_by(person, "key"), project=project)
    pk = Cast("pk", TextField())
    keyed.update(key=Concat(Value("erased-"), pk, output_field=TextField()))


def forget_work(project: Project, person: Person) -> None:
    """Take the person out of what asynchronous actions were told and answer."""
    for name in _RESULTS:
        forget_in(AsyncAction, project, name, person)


def forget_in(model: type[Model], project: Project, name: str, person: Person) -> None:
    """Take the person out of the JSON in column ``name`` of a project's rows."""
    for batch in _batches(_naming(model, project, name, person)):
        for row in batch:
            setattr(row, name, forgotten(getattr(row, name), person))
        model._default_manager.bulk_update(batch, [name])  # noqa: SLF001 - Django's documented name


def forget_filters(project: Project, person: Person) -> None:
    """Let filters of segments that ask for an address of theirs ask for nobody's.

    One that another customer has, too, stays.
    """
    others = project.customers.alive().exclude(pk=person.id)
    shared = others.filter(email__in=person.emails).values_list("email", flat=True)
    text, nobody = Cast("filter", TextField()), Value(mark_of("erased"))
    for email in sorted(person.emails - set(shared)):
        mark = mark_of(email)
        rows = project.segments.alias(_text=text).filter(_text__contains=mark)
        changed = Replace(text, Value(mark), nobody, output_field=TextField())
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
