"""Who enters and leaves the segments that filters define."""

from datetime import timedelta

import pytest

from customers.models import Segment, SegmentMember
from customers.services import segment_placing
from customers.services.customer import (
    create_customer,
    delete_customer,
    update_customer,
)
from customers.services.erasure import erase_customer
from customers.services.rendering import full_customer, simple_segment
from customers.services.segment import create_segment, update_segment
from customers.services.segment_members import enter
from customers.services.segment_sql import place_everybody
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.outbox.models import DomainEvent
from promo.outbox.relay import publish_batch
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.factories.tenancy import NOW
from tests.outbox import events_of

pytestmark = pytest.mark.django_db

LATIN = {"junction": "and", "metadata.team": {"conditions": {"$is": ["latin"]}}}
YOUNG = {"junction": "and", "created_at": {"conditions": {"$less_than_ago": [3]}}}


def work(now=NOW):
    """Run what workers would: actions to their end, then the relay."""
    for action in AsyncAction.objects.filter(finished_at=None):
        while run_step(action.pk, now=now):
            pass
    publish_batch(now=now)


def members(segment):
    rows = SegmentMember.objects.filter(segment=segment)
    return set(rows.values_list("customer_id", flat=True))


def moves(project):
    return [one for one in events_of(project) if one.startswith("customer.segment.")]


def latin(project, number=0):
    return CustomerFactory.create(project=project, metadata={"team": "latin"})


def test_a_worker_finds_the_members_without_telling_of_them(project):
    inside = {latin(project).pk for _ in range(3)}
    CustomerFactory.create_batch(2, project=project)

    segment = create_segment(
        project=project, now=NOW, name="L", type="auto-update", filter=LATIN
    )
    work()

    segment.refresh_from_db()
    assert members(segment) == inside
    assert moves(project) == []
    assert segment.completed_at == NOW
    assert AsyncAction.objects.get().result == {"members_count": 3}


@pytest.mark.parametrize(("kind", "told"), [("auto-update", 2), ("passive", 0)])
def test_a_change_moves_a_customer_and_active_segments_tell(project, kind, told):
    segment = SegmentFactory.create(
        project=project, type=kind, filter=LATIN, completed_at=NOW
    )
    ada = create_customer(project=project, now=NOW, source_id="ada")
    work()

    update_customer(ada, now=NOW, metadata={"team": "latin"})
    work()
    assert members(segment) == {ada.pk}

    update_customer(ada, now=NOW, metadata={"team": "greek"})
    work()
    assert members(segment) == set()
    assert (
        moves(project)
        == [
            "customer.segment.entered",
            "customer.segment.left",
        ][:told]
    )


def test_who_moves_by_the_clock_is_told_of_as_by_a_change(project):
    """The event is put together by the database; it is what the relay tells."""
    segment = SegmentFactory.create(
        project=project, type="auto-update", filter=LATIN, completed_at=NOW
    )
    ada, eve = latin(project), CustomerFactory.create(project=project)
    enter([(segment.pk, eve.pk)], now=NOW)

    members_found = place_everybody(project, segment, now=NOW)

    assert members_found == 1
    assert members(segment) == {ada.pk}
    told = {one.type: one for one in DomainEvent.objects.all()}
    assert told.keys() == {"customer.segment.entered", "customer.segment.left"}
    for name, customer in (("entered", ada), ("left", eve)):
        event = told[f"customer.segment.{name}"]
        assert event.payload == {
            "customer": full_customer(customer),
            "segment": simple_segment(segment.pk, segment.name),
        }
        assert (event.entity_id, event.customer_id) == (segment.pk, customer.pk)
        assert (event.category, event.created_at) == ("EFFECT", NOW)
    before = DomainEvent.objects.count()
    place_everybody(project, segment, now=NOW)
    assert DomainEvent.objects.count() == before


def test_everybody_is_placed_by_one_statement(project, django_assert_num_queries):
    segment = SegmentFactory.create(project=project, filter=LATIN)
    for _ in range(5):
        latin(project)

    with django_assert_num_queries(1):
        assert place_everybody(project, segment, now=NOW) == 5


def test_placing_twice_tells_once(project):
    segment = SegmentFactory.create(
        project=project, type="auto-update", filter=LATIN, completed_at=NOW
    )
    ada = latin(project)

    segment_placing.place_again(project, [ada.pk], now=NOW)
    segment_placing.place_again(project, [ada.pk], now=NOW)

    assert members(segment) == {ada.pk}
    assert moves(project) == ["customer.segment.entered"]


def test_a_new_filter_replaces_the_members(project):
    segment = SegmentFactory.create(project=project, filter=LATIN)
    ada, eve = latin(project), CustomerFactory.create(project=project)
    segment_placing.place_again(project, [ada.pk, eve.pk], now=NOW)

    not_latin = {"metadata.team": {"conditions": {"$is_not": ["latin"]}}}
    update_segment(segment, now=NOW, filter=not_latin)
    work()

    assert members(segment) == {eve.pk}


def test_a_segment_deleted_meanwhile_is_complete(project):
    segment = create_segment(
        project=project, now=NOW, name="L", type="passive", filter=LATIN
    )
    Segment.objects.filter(pk=segment.pk).delete()

    work()

    assert AsyncAction.objects.get().status == "DONE"


def test_who_is_deleted_or_erased_is_in_no_segment(project):
    segment = SegmentFactory.create(project=project, filter=LATIN)
    ada, eve = latin(project), latin(project)
    segment_placing.place_again(project, [ada.pk, eve.pk], now=NOW)

    delete_customer(ada, now=NOW)
    erased = erase_customer(project, eve.pk, now=NOW)
    work()

    assert members(segment) == set()
    assert erased.counts["segments"] == 1


def test_a_filter_that_looks_at_the_clock_is_asked_once_a_day(project):
    project.timezone = "Europe/Warsaw"
    project.save()
    ada = CustomerFactory.create(project=project, created_at=NOW)
    segment = create_segment(
        project=project, now=NOW, name="Y", type="auto-update", filter=YOUNG
    )
    still = create_segment(
        project=project, now=NOW, name="L", type="auto-update", filter=LATIN
    )
    work()
    assert members(segment) == {ada.pk}

    later = NOW + timedelta(days=3)
    begun = [segment_placing.follow_clock(now=moment) for moment in (NOW, later, later)]
    work(later)

    still.refresh_from_db()
    assert begun == [0, 1, 0]
    assert members(segment) == set()
    assert moves(project) == ["customer.segment.left"]
    assert (still.follows_clock, segment.follows_clock) == (False, True)


def test_a_day_begins_when_it_does_in_the_zone_of_the_project(project):
    project.timezone = "Pacific/Kiritimati"
    project.save()
    segment = SegmentFactory.create(
        project=project,
        filter=YOUNG,
        follows_clock=True,
        completed_at=NOW,
        placed_on=project.calendar(NOW).today,
    )
    midnight = NOW.replace(hour=10, minute=0, second=0, microsecond=0)
    midnight += timedelta(days=1 if NOW.hour >= 10 else 0)

    begun = [
        segment_placing.follow_clock(now=midnight - timedelta(seconds=1)),
        segment_placing.follow_clock(now=midnight),
    ]

    segment.refresh_from_db()
    assert begun == [0, 1]
    assert segment.placed_on == project.calendar(midnight).today


def test_a_filter_that_cannot_be_read_holds_nobody(project, django_assert_num_queries):
    SegmentFactory.create(project=project, filter={"nonsense": 1})
    ada = latin(project)

    segment_placing.place_again(project, [ada.pk], now=NOW)

    assert not SegmentMember.objects.exists()


def test_placing_costs_the_same_for_one_and_for_twenty(
    project, django_assert_num_queries
):
    people = [latin(project).pk for _ in range(20)]
    SegmentFactory.create(project=project, type="auto-update", completed_at=NOW)

    with django_assert_num_queries(5):
        segment_placing.place_again(project, people[:1], now=NOW)
    SegmentFactory.create_batch(
        19, project=project, type="auto-update", completed_at=NOW
    )
    with django_assert_num_queries(5):
        segment_placing.place_again(project, people, now=NOW)
