"""Segments under several hands at once, on connections of their own."""

from functools import partial

import pytest
from django.db import transaction

from campaigns.services.collection import create_collection
from customers.models import SegmentMember
from customers.services.customer import update_customer
from customers.services.location import delete_location
from customers.services.segment import create_segment, delete_segment
from customers.services.segment_placing import place_again
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.outbox.relay import publish_batch
from tests.factories.customers import (
    EVERYBODY,
    CustomerFactory,
    LocationFactory,
    SegmentFactory,
)
from tests.factories.tenancy import NOW, ProjectFactory
from tests.outbox import events_of
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

LATIN = {"junction": "and", "metadata.team": {"conditions": {"$is": ["latin"]}}}


def test_of_eight_who_place_a_customer_one_tells():
    project = ProjectFactory.create()
    segment = SegmentFactory.create(
        project=project, type="auto-update", completed_at=NOW
    )
    people = [one.pk for one in CustomerFactory.create_batch(5, project=project)]

    place = transaction.atomic(partial(place_again, project, people, now=NOW))
    at_once(*[place] * 8)

    assert SegmentMember.objects.filter(segment=segment).count() == 5
    assert events_of(project) == ["customer.segment.entered"] * 5


def test_eight_creators_share_the_last_three_places():
    project = ProjectFactory.create()
    SegmentFactory.create_batch(97, project=project)
    create = partial(
        create_segment,
        project=project,
        now=NOW,
        name="S",
        type="passive",
        filter=EVERYBODY,
    )

    outcomes = at_once(*[create] * 8)

    assert outcomes.count("invalid_payload") == 5
    assert project.segments.count() == 100


@pytest.mark.parametrize("stays", [True, False])
def test_a_change_while_everybody_is_placed_is_not_lost(stays):
    project = ProjectFactory.create()
    team = {"team": "greek" if stays else "latin"}
    ada = CustomerFactory.create(project=project, metadata=team)
    segment = create_segment(
        project=project, now=NOW, name="L", type="passive", filter=LATIN
    )
    action = AsyncAction.objects.get()
    changed = {"team": "latin" if stays else "greek"}

    def change():
        update_customer(ada, now=NOW, metadata=changed)
        publish_batch(now=NOW)

    at_once(change, partial(run_step, action.pk, now=NOW))
    publish_batch(now=NOW)

    held = SegmentMember.objects.filter(segment=segment, customer=ada).exists()
    assert held is stays


def test_a_segment_may_be_deleted_while_it_is_filled():
    project = ProjectFactory.create()
    CustomerFactory.create_batch(20, project=project)
    segment = create_segment(
        project=project, now=NOW, name="L", type="passive", filter=EVERYBODY
    )
    action = AsyncAction.objects.get()

    at_once(
        partial(delete_segment, segment, now=NOW),
        partial(run_step, action.pk, now=NOW),
    )

    action.refresh_from_db()
    assert action.status == "DONE"
    assert not SegmentMember.objects.exists()


@pytest.mark.parametrize(
    ("create", "kind"),
    [(create_segment, "passive"), (create_collection, "AUTO_UPDATE")],
)
def test_a_location_is_deleted_or_named_and_never_both(create, kind):
    project = ProjectFactory.create()
    for number in range(5):
        location = LocationFactory.create(project=project)
        body = {"metadata.home": {"conditions": {"$in_location": [location.pk]}}}
        name_it = partial(
            create,
            project=project,
            now=NOW,
            name=f"Fence {number}",
            type=kind,
            filter=body,
        )

        outcomes = at_once(partial(delete_location, location, now=NOW), name_it)

        is_there = project.locations.filter(pk=location.pk).exists()
        assert is_there is ("resource_in_use" in outcomes)
