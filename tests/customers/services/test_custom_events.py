"""Events of customers: stored, counted, asked about by segments, and forgotten."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from customers.models import CustomEvent, CustomEventCount, SegmentMember
from customers.services.custom_event import happened, record_event
from customers.services.customer import create_customer, delete_customer
from customers.services.erasure import erase_customer
from customers.services.event_schema import create_event_schema
from customers.services.segment_lookup import segments_holding, segments_of
from customers.services.segment_placing import place_again
from customers.services.upsert import CustomerDraft
from promo.errors import PromoError
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=2)


def did(customer, name="car.rented", now=NOW, **rest):
    return record_event(
        project=customer.project,
        customer=customer,
        name=name,
        metadata={},
        now=now,
        **rest,
    )


def counted(**conditions):
    """Return a filter about ``car.rented``."""
    return {
        "junction": "and",
        **{
            f"events.car.rented.{part}": {"conditions": asked}
            for part, asked in conditions.items()
        },
    }


def test_whatever_order_events_come_in_the_first_and_the_last_are_known(project):
    ada = CustomerFactory.create(project=project)

    for moment in (LATER, NOW, NOW + timedelta(days=1)):
        did(ada, now=moment)
    did(ada, name="other")

    assert happened([ada.pk], ["car.rented"]) == {
        ada.pk: {
            "car.rented": {
                "count": 3,
                "first_occurred_at": NOW,
                "last_occurred_at": LATER,
            }
        }
    }


def test_nobody_is_asked_where_no_event_is_named(project, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert happened(["cust_x"], []) == {}


def test_an_event_is_one_statement(project, django_assert_num_queries):
    ada, eve = CustomerFactory.create_batch(2, project=project)
    referral = {"code": "INVITE", "id": "v_1", "referrer_id": eve.pk}

    with django_assert_num_queries(1):
        made = did(ada, referral=referral, loyalty={"code": "CARD"})

    stored = CustomEvent.objects.get()
    assert stored == made
    assert (stored.project_id, stored.customer_id) == (project.pk, ada.pk)
    assert (stored.referral, stored.referrer_id) == (referral, eve.pk)
    assert (stored.loyalty, stored.metadata) == ({"code": "CARD"}, {})
    assert stored.created_at == NOW


def test_who_is_deleted_does_nothing_any_more(project):
    ada = CustomerFactory.create(project=project)
    delete_customer(ada, now=NOW)

    assert did(ada) is None
    assert not CustomEvent.objects.exists()
    assert not CustomEventCount.objects.exists()


@pytest.mark.parametrize(
    ("body", "inside"),
    [
        (counted(count={"$more_than": ["1"]}), "twice"),
        (counted(count={"$is": [0]}), "never"),
        (counted(last_occurred_at={"$after": [NOW.isoformat()]}), "twice"),
        (counted(first_occurred_at={"$before": [LATER.isoformat()]}), "twice"),
        (counted(last_occurred_at={"$is_unknown": [True]}), "never"),
        (counted(count={"$is": [2]}, last_occurred_at={"$today": [True]}), "twice"),
    ],
)
def test_segments_ask_about_events_wherever_they_are_asked(project, body, inside):
    twice, never = CustomerFactory.create_batch(2, project=project)
    did(twice)
    did(twice, now=LATER)
    did(never, name="rented")
    segment = SegmentFactory.create(project=project, filter=body)
    expected = {"twice": twice, "never": never}[inside]

    place_again(project, [twice.pk, never.pk], now=LATER)

    members = SegmentMember.objects.filter(segment=segment)
    assert list(members.values_list("customer_id", flat=True)) == [expected.pk]
    for one in (twice, never):
        held = [segment] if one == expected else []
        assert segments_of(project, one.pk, now=LATER) == held
        asked = segments_holding(
            project,
            one,
            CustomerDraft(id=one.pk),
            named=[segment.pk],
            now=LATER,
        )
        assert asked == frozenset(each.pk for each in held)


def test_somebody_unknown_has_done_nothing(project):
    segment = SegmentFactory.create(project=project, filter=counted(count={"$is": [0]}))

    assert segments_of(project, "stranger", now=NOW) == [segment]


def test_asking_about_events_costs_one_statement_more(
    project, django_assert_num_queries
):
    people = CustomerFactory.create_batch(20, project=project)
    for one in people:
        did(one)
    more = {"$more_than": [0]}
    SegmentFactory.create(project=project, filter=counted(count=more))
    for number in range(19):
        asked = {f"events.e{number}.count": {"conditions": more}}
        SegmentFactory.create(project=project, filter=asked)

    with django_assert_num_queries(5):
        place_again(project, [one.pk for one in people], now=NOW)

    assert SegmentMember.objects.count() == 20


def test_an_erasure_takes_events_and_counts_along(project):
    ada, eve = CustomerFactory.create_batch(2, project=project)
    did(ada)
    did(ada, name="other")
    kept = did(eve, referral={"code": "INVITE", "id": "v_1", "referrer_id": ada.pk})

    erased = erase_customer(project, ada.pk, now=NOW)

    assert erased.counts["events"] == 2
    assert list(CustomEvent.objects.all()) == [kept]
    assert list(CustomEventCount.objects.values_list("customer", flat=True)) == [eve.pk]
    kept.refresh_from_db()
    assert kept.referrer_id is None


@pytest.mark.django_db(transaction=True)
def test_many_hands_count_one_event_exactly():
    project = ProjectFactory.create()
    ada, eve = CustomerFactory.create_batch(2, project=project)

    @transaction.atomic
    def work(number):
        did(ada, now=NOW + timedelta(hours=number))
        did(eve)

    at_once(*[partial(work, number) for number in range(12)])

    (rented,) = happened([ada.pk], ["car.rented"]).values()
    assert rented["car.rented"] == {
        "count": 12,
        "first_occurred_at": NOW,
        "last_occurred_at": NOW + timedelta(hours=11),
    }
    assert CustomEvent.objects.filter(customer=ada).count() == 12
    assert CustomEventCount.objects.get(customer=eve).count == 12


@pytest.mark.django_db(transaction=True)
def test_an_event_during_an_erasure_is_erased_or_never_was():
    project = ProjectFactory.create()
    for number in range(6):
        ada = create_customer(project=project, now=NOW, source_id=f"ada-{number}")

        outcomes = at_once(
            partial(erase_customer, project, ada.pk, now=NOW),
            *[partial(transaction.atomic(did), ada)] * 3,
        )

        assert PromoError.key not in outcomes
        assert not CustomEvent.objects.exists()
        assert not CustomEventCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_define_an_event_one_does():
    project = ProjectFactory.create()
    create = partial(
        create_event_schema,
        project=project,
        now=NOW,
        name="signed_up",
        schema={"properties": {}},
    )

    outcomes = at_once(*[create] * 8)

    assert outcomes.count("duplicate_found") == 7
    assert project.custom_event_schemas.count() == 1
