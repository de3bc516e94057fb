"""From an event to a message: who gets what, when, and why not."""

from datetime import timedelta
from typing import Any

import pytest

from customers.models import Consent, SegmentMember
from customers.services.consent import choose_consents
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.consents import ConsentFactory
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.distributions import (
    POSTCARD,
    Postcards,
    ada,
    custom_event,
    order_event,
    running,
    segment_event,
    send,
    states,
    tell,
)
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import NOW
from webhooks.channels import Outcome, Result
from webhooks.engine.schedule import RETRIES
from webhooks.models import DistributionMessage
from webhooks.services.distributions.claiming import LEASE, claim
from webhooks.services.distributions.hearing import hear_events
from webhooks.services.distributions.lifecycle import pause, resume
from webhooks.services.distributions.stats import stats_of

pytestmark = pytest.mark.django_db
AFTER_A_DAY = {"type": "AFTER", "value": 1, "unit": "DAY"}
A_DAY_LATER = NOW + timedelta(days=1)


def test_what_happens_makes_a_message_that_is_sent(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD])
    customer = ada(project, metadata={"language": "pl_PL"})

    tell(project, order_event(customer))
    dealt = send()

    [message] = cards.written
    row = DistributionMessage.objects.get()
    assert dealt == 1
    assert (message.to, message.text, message.language) == ("Ada", "Hello", "pl-pl")
    assert (message.id, message.distribution_id) == (row.pk, distribution.pk)
    assert (row.state, row.sent) == ("SENT", {"text": "Hello", "language": "pl-pl"})
    assert row.finished_at == NOW
    assert send() == 0


def test_hearing_an_event_twice_makes_one_message(
    project: Project, cards: type[Postcards]
) -> None:
    running(project, channels=[POSTCARD])
    tell(project, order_event(ada(project)))

    hear_events(list(DomainEvent.objects.select_related("project")), now=NOW)
    send()

    assert DistributionMessage.objects.count() == 1
    assert len(cards.written) == 1


def test_hearing_costs_the_same_for_one_event_as_for_many(
    project: Project, cards: type[Postcards], django_assert_num_queries: Any
) -> None:
    running(project, channels=[POSTCARD])
    running(project, channels=[POSTCARD])
    customer = ada(project)
    tell(project, *(order_event(customer, order_id=f"ord_{n}") for n in range(20)))
    events = list(DomainEvent.objects.select_related("project"))
    DistributionMessage.objects.all().delete()

    with django_assert_num_queries(2):
        hear_events(events[:1], now=NOW)
    with django_assert_num_queries(2):
        hear_events(events, now=NOW)

    assert DistributionMessage.objects.count() == 40


def test_sending_asks_the_same_whatever_the_number_of_messages(
    project: Project, cards: type[Postcards], django_assert_max_num_queries: Any
) -> None:
    running(project, channels=[POSTCARD], limits={"max_total": 100})
    people = CustomerFactory.create_batch(30, project=project, name="Ada")
    tell(project, *(order_event(person) for person in people))

    with django_assert_max_num_queries(30):
        send()

    assert len(cards.written) == 30


def test_a_message_that_waits_is_sent_at_its_moment(
    project: Project, cards: type[Postcards]
) -> None:
    running(project, channels=[POSTCARD], delay=AFTER_A_DAY)
    tell(project, order_event(ada(project)))

    assert send(A_DAY_LATER - timedelta(seconds=1)) == 0
    assert send(A_DAY_LATER) == 1

    assert len(cards.written) == 1


def test_a_date_that_is_missing_or_over_is_counted_as_skipped(
    project: Project, cards: type[Postcards]
) -> None:
    delay = {
        "type": "AFTER",
        "value": 2,
        "unit": "DAY",
        "from": "METADATA_DATE",
        "property": "customer.trip",
    }
    distribution = running(project, channels=[POSTCARD], delay=delay)
    people = [
        ada(project),
        ada(project, metadata={"trip": "2026-01-01"}),
        ada(project, metadata={"trip": "2026-03-20"}),
    ]

    tell(project, *(order_event(person) for person in people))

    assert states(distribution) == [
        ("POSTCARD", "SKIPPED", "no_date"),
        ("POSTCARD", "SKIPPED", "date_passed"),
        ("POSTCARD", "WAITING", ""),
    ]


def test_who_has_no_address_is_skipped_on_that_channel_alone(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(
        project,
        channels=[
            POSTCARD,
            {"type": "WEBHOOK", "content": {"target_url": "https://shop.example/h"}},
        ],
    )
    tell(project, order_event(ada(project, name="")))

    send()

    assert states(distribution) == [
        ("POSTCARD", "SKIPPED", "no_name"),
        ("WEBHOOK", "SENDING", ""),
    ]


@pytest.fixture
def consent(project: Project) -> Consent:
    return ConsentFactory.create(project=project, category="POST")


def test_who_has_withdrawn_a_consent_is_skipped(
    project: Project, cards: type[Postcards], consent: Consent
) -> None:
    distribution = running(project, channels=[POSTCARD])
    silent, refusing, agreeing = (ada(project) for _ in range(3))
    choose_consents(refusing, {consent.pk: False}, now=NOW)
    choose_consents(agreeing, {consent.pk: True}, now=NOW)
    tell(project, *(order_event(each) for each in (silent, refusing, agreeing)))

    send()

    skipped = DistributionMessage.objects.get(state="SKIPPED")
    assert (skipped.customer_id, skipped.reason) == (refusing.pk, "consent_withdrawn")
    assert stats_of([distribution])[distribution.pk]["sent"] == 2


def test_a_channel_may_ask_for_a_consent_that_has_to_be_given(
    project: Project, cards: type[Postcards], consent: Consent
) -> None:
    running(project, channels=[{**POSTCARD, "consent_id": consent.pk}])
    silent, agreeing = ada(project), ada(project)
    choose_consents(agreeing, {consent.pk: True}, now=NOW)
    tell(project, order_event(silent), order_event(agreeing))

    send()

    sent = DistributionMessage.objects.get(state="SENT")
    assert sent.customer_id == agreeing.pk
    assert DistributionMessage.objects.get(state="SKIPPED").customer_id == silent.pk


def test_who_is_deleted_meanwhile_gets_nothing(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD], delay=AFTER_A_DAY)
    customer = ada(project)
    tell(project, order_event(customer))
    customer.deleted_at = NOW
    customer.save()

    send(A_DAY_LATER)

    assert states(distribution) == [("POSTCARD", "SKIPPED", "customer_gone")]
    assert cards.written == []


def test_conditions_are_asked_when_the_message_is_sent(
    project: Project, cards: type[Postcards]
) -> None:
    loyal = SegmentFactory.create(project=project, type="static", filter=None)
    distribution = running(
        project,
        channels=[POSTCARD],
        delay=AFTER_A_DAY,
        conditions={"segment_id": loyal.pk},
    )
    staying, leaving = ada(project), ada(project)
    tell(project, order_event(staying), order_event(leaving))
    SegmentMember.objects.create(segment=loyal, customer=staying, joined_at=NOW)

    send(A_DAY_LATER)

    assert states(distribution) == [
        ("POSTCARD", "SENT", ""),
        ("POSTCARD", "SKIPPED", "not_in_segment"),
    ]


def test_a_message_is_called_off_by_what_happens_meanwhile(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(
        project,
        trigger={"type": "customer.order.created"},
        channels=[POSTCARD],
        delay=AFTER_A_DAY,
        cancel_if={"happens": "customer.order.paid"},
    )
    paying, waiting = ada(project), ada(project)
    tell(project, order_event(paying), order_event(waiting))
    tell(project, order_event(paying, "created"), order_event(waiting, "created"))
    tell(project, order_event(paying, "paid"))

    send(A_DAY_LATER)

    assert states(distribution) == [
        ("POSTCARD", "CANCELED", "happened_meanwhile"),
        ("POSTCARD", "SENT", ""),
    ]


def test_a_message_is_called_off_when_the_segment_is_left(
    project: Project, cards: type[Postcards]
) -> None:
    segment = SegmentFactory.create(project=project, completed_at=NOW)
    distribution = running(
        project,
        trigger={"type": "customer.segment.entered", "segment_id": segment.pk},
        channels=[POSTCARD],
        delay=AFTER_A_DAY,
        cancel_if={"left_segment_id": segment.pk},
    )
    staying, leaving = ada(project), ada(project)
    tell(project, segment_event(staying, segment), segment_event(leaving, segment))
    SegmentMember.objects.create(segment=segment, customer=staying, joined_at=NOW)

    send(A_DAY_LATER)

    assert states(distribution) == [
        ("POSTCARD", "SENT", ""),
        ("POSTCARD", "CANCELED", "left_segment"),
    ]


def test_a_rule_asks_about_the_order_of_the_event(
    project: Project, cards: type[Postcards]
) -> None:
    rule = ValidationRuleFactory.create(
        project=project,
        rules={
            "1": {"name": "order.amount", "conditions": {"$more_than": [1000]}},
            "logic": "1",
        },
    )
    distribution = running(
        project,
        trigger={"type": "customer.order.paid", "validation_rule_id": rule.pk},
        channels=[POSTCARD],
    )
    customer = ada(project)

    tell(
        project, order_event(customer, amount=1000), order_event(customer, amount=1001)
    )
    send()

    assert states(distribution) == [
        ("POSTCARD", "SKIPPED", "rule_not_met"),
        ("POSTCARD", "SENT", ""),
    ]


def test_a_rule_asks_about_the_metadata_of_a_custom_event(
    project: Project, cards: type[Postcards]
) -> None:
    rule = ValidationRuleFactory.create(
        project=project,
        rules={
            "1": {
                "name": "custom_event.metadata",
                "property": "plan",
                "conditions": {"$is": ["gold"]},
            },
            "logic": "1",
        },
    )
    distribution = running(
        project,
        trigger={
            "type": "customer.custom_event",
            "event": "upgraded",
            "validation_rule_id": rule.pk,
        },
        channels=[POSTCARD],
    )
    customer = ada(project)

    tell(project, custom_event(customer, "upgraded", plan="gold"))
    tell(project, custom_event(customer, "renamed", plan="gold"))
    send()

    assert states(distribution) == [("POSTCARD", "SENT", "")]


def test_what_could_not_be_sent_is_tried_again_and_given_up_at_last(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD])
    tell(project, order_event(ada(project)))
    cards.outcomes.extend(
        Outcome(Result.FAILED, "The post is closed") for _ in range(13)
    )

    moments = [NOW, *(NOW + each for each in RETRIES)]
    for moment in moments:
        assert send(moment) == 1

    row = DistributionMessage.objects.get()
    assert states(distribution) == [("POSTCARD", "FAILED", "not_delivered")]
    assert (row.attempts_made, row.problem) == (13, "The post is closed")
    assert {message.id for message in cards.written} == {row.pk}


def test_what_is_refused_is_not_tried_again(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD])
    tell(project, order_event(ada(project)))
    cards.outcomes.append(Outcome(Result.REFUSED, "No such street"))

    send()

    assert states(distribution) == [("POSTCARD", "FAILED", "refused")]
    assert send(NOW + timedelta(days=2)) == 0


def test_a_paused_distribution_hears_nothing_and_keeps_what_it_owes(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD])
    customer = ada(project)
    tell(project, order_event(customer))
    pause(distribution, now=NOW)
    tell(project, order_event(customer, order_id="ord_2"))

    assert send() == 0
    resume(distribution, now=NOW)

    assert send() == 1
    assert len(cards.written) == 1


def test_a_claim_of_who_died_runs_out(project: Project, cards: type[Postcards]) -> None:
    running(project, channels=[POSTCARD])
    tell(project, order_event(ada(project)))
    assert len(claim(10, now=NOW)) == 1

    assert send(NOW + LEASE - timedelta(seconds=1)) == 0
    assert send(NOW + LEASE) == 1

    assert len(cards.written) == 1


def test_an_event_of_another_project_is_not_heard(
    project: Project, other_project: Project, cards: type[Postcards]
) -> None:
    running(project, channels=[POSTCARD])

    tell(other_project, order_event(ada(other_project)))

    assert DistributionMessage.objects.count() == 0
