"""What is known, when messages are due, of those who are to get them.

Everything is read for all messages of a project together: the number of statements does
not depend on how many there are.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from campaigns.services.rule_assignments import rules_by_object
from customers.services.recipients import (
    choices_by_person,
    language_of,
    members_among,
    people_by_id,
)
from customers.services.rendering import full_customer
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from redemptions.services.rule_questions import RuleQuestion, answers
from webhooks.channels import Recipient
from webhooks.engine.distributions.judging import Choice, Situation
from webhooks.models import Distribution, DistributionMessage

_RULED = ("trigger", "conditions")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one event makes one customer get: the messages that are to go out now.

    ``event`` is None where it is gone, ``person`` the customer, None likewise.
    """

    distribution: Distribution
    messages: list[DistributionMessage]
    event: DomainEvent | None = None
    person: Any = None

    @property
    def leader_id(self) -> str:
        """The id that its messages have in common."""
        return self.messages[0].leader_id

    @property
    def customer_id(self) -> str:
        """Whom it is for."""
        return self.messages[0].customer_id

    @property
    def rules(self) -> set[str]:
        """The rules that the distribution names."""
        parts = (getattr(self.distribution, name) for name in _RULED)
        found = (part.get("validation_rule_id") for part in parts)
        return {rule for rule in found if rule}


def occasions_of(
    project: Project, messages: Sequence[DistributionMessage]
) -> list[Occasion]:
    """Return messages by what they are for, with events and customers; two statements.

    Messages of one occasion stand side by side.
    """
    events = _events(messages)
    people = people_by_id(project, {each.customer_id for each in messages})
    found: dict[str, Occasion] = {}
    for each in messages:
        # Fits all of the batch: one row of the distribution stands for it.
        each.distribution.project = project
        mine = found.get(each.leader_id)
        if mine is not None:
            mine.messages.append(each)
            continue
        found[each.leader_id] = Occasion(
            each.distribution,
            [each],
            events.get(each.event_id),
            people.get(each.customer_id),
        )
    return list(found.values())


def situations_of(
    project: Project, occasions: Sequence[Occasion], *, now: datetime
) -> dict[str, Situation]:
    """Return the situation of each occasion by the id of the message that leads."""
    there = [each for each in occasions if each.person is not None]
    people = {each.customer_id for each in there}
    held = members_among(project, _segments(there), people)
    choices = choices_by_person(people)
    since = _since(project, there)
    own = rules_by_object(project, {each.distribution.pk for each in there})
    hold = _rules(project, there, own, now)
    return {
        each.leader_id: Situation(
            is_there=each.person is not None,
            segments=frozenset(
                segment for segment, person in held if person == each.customer_id
            ),
            since=since.get(each.leader_id, frozenset()),
            own_rule=own.get(each.distribution.pk, ""),
            rules_hold=hold.get(each.leader_id, {}),
            choices=[Choice(*said) for said in choices.get(each.customer_id, ())],
        )
        for each in occasions
    }


def recipient_of(person: Any) -> Recipient:
    """Return a customer as channels see one."""
    return Recipient(
        id=person.pk,
        project_id=person.project_id,
        name=person.name,
        email=person.email,
        phone=person.phone,
        language=language_of(person),
        profile=full_customer(person),
    )


def _events(messages: Sequence[DistributionMessage]) -> dict[str, DomainEvent]:
    moments = [each.event_created_at for each in messages]
    rows = DomainEvent.objects.filter(
        pk__in={each.event_id for each in messages},
        created_at__gte=min(moments),
        created_at__lte=max(moments) + timedelta(microseconds=1),
    )
    return {event.pk: event for event in rows}


def _segments(occasions: Collection[Occasion]) -> set[str]:
    """Return the segments that distributions ask about when they send."""
    found: set[str | None] = set()
    for each in occasions:
        found.add(each.distribution.conditions.get("segment_id"))
        found.add(each.distribution.cancel_if.get("left_segment_id"))
        found.add(each.distribution.cancel_if.get("entered_segment_id"))
    return {segment for segment in found if segment}


def _since(
    project: Project, occasions: Sequence[Occasion]
) -> dict[str, frozenset[tuple[str, str]]]:
    """Return what has been told of customers after the events, by occasion.

    One statement, and none where nobody waits for anything.
    """
    asking = [
        each
        for each in occasions
        if each.event is not None and "happens" in each.distribution.cancel_if
    ]
    if not asking:
        return {}
    wanted = {each.distribution.cancel_if["happens"] for each in asking}
    first = min(each.messages[0].event_created_at for each in asking)
    rows = DomainEvent.objects.filter(
        project=project,
        customer_id__in={each.customer_id for each in asking},
        type__in=wanted,
        created_at__gte=first,
    ).annotate(named=KeyTextTransform("type", KeyTransform("event", F("payload"))))
    told = list(rows.values_list("customer_id", "pk", "type", "named"))
    return {
        each.leader_id: frozenset(
            (kind, name or "")
            for person, pk, kind, name in told
            if person == each.customer_id and pk > each.messages[0].event_id
        )
        for each in asking
    }


def _rules(
    project: Project,
    occasions: Sequence[Occasion],
    own: Mapping[str, str],
    now: datetime,
) -> dict[str, dict[str, bool]]:
    """Return which rules hold, by occasion; some statements where rules are asked.

    They are those that distributions name, and those of ``own`` that were put on them.
    """
    asked = [
        (each, rule)
        for each in occasions
        if each.event is not None
        for rule in sorted(_asked(each, own))
    ]
    if not asked:
        return {}
    questions = [_question(each, rule) for each, rule in asked]
    found: dict[str, dict[str, bool]] = {}
    held = answers(project, questions, now=now)
    for (each, rule), holds in zip(asked, held, strict=True):
        found.setdefault(each.leader_id, {})[rule] = holds
    return found


def _asked(occasion: Occasion, own: Mapping[str, str]) -> set[str]:
    return (occasion.rules | {own.get(occasion.distribution.pk, "")}) - {""}


def _question(occasion: Occasion, rule_id: str) -> RuleQuestion:
    data = {} if occasion.event is None else occasion.event.data
    event = data.get("event")
    return RuleQuestion(
        rule_id=rule_id,
        customer=occasion.person,
        order=data.get("order"),
        event_metadata=event.get("metadata", {}) if event is not None else None,
    )
