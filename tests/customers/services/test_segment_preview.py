"""Who would be in a segment is who is in it once it is stored."""

from datetime import timedelta

import pytest

from customers.models import Segment, SegmentMember
from customers.services.customer import delete_customer
from customers.services.segment import create_segment
from customers.services.segment_preview import preview_filter, preview_listed
from promo.errors import InvalidPayload, ResourceNotFound
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from tests.admin_site import statements_of
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

LATIN = {"junction": "and", "metadata.team": {"conditions": {"$is": ["latin"]}}}


def latin(project, number):
    return CustomerFactory.create_batch(
        number, project=project, metadata={"team": "latin"}
    )


def test_a_filter_shows_how_many_fit_and_the_newest_of_them(project, other_project):
    inside = latin(project, 7)
    for age, customer in enumerate(inside):
        customer.created_at = NOW - timedelta(days=age)
        customer.save()
    CustomerFactory.create_batch(2, project=project)
    latin(other_project, 1)

    found = preview_filter(project=project, filter=LATIN, now=NOW)

    assert (found.fitting, found.total) == (7, 9)
    assert list(found.sample) == inside[:5]
    assert not Segment.objects.exists()
    assert not AsyncAction.objects.exists()


def test_who_fits_is_who_is_placed(project):
    inside = {one.pk for one in latin(project, 3)}
    CustomerFactory.create(project=project)

    found = preview_filter(project=project, filter=LATIN, now=NOW)
    segment = create_segment(
        project=project, now=NOW, name="Latin", type="passive", filter=LATIN
    )
    run_step(AsyncAction.objects.get().pk, now=NOW)

    members = SegmentMember.objects.filter(segment=segment)
    assert set(members.values_list("customer_id", flat=True)) == inside
    assert {one.pk for one in found.sample} == inside


def test_the_deleted_fit_nothing_and_count_nowhere(project):
    gone, _ = latin(project, 2)
    delete_customer(gone, now=NOW)

    found = preview_filter(project=project, filter=LATIN, now=NOW)

    assert (found.fitting, found.total, len(found.sample)) == (1, 1, 1)


def test_a_preview_costs_the_same_for_one_customer_as_for_twenty(project):
    def ask():
        return preview_filter(project=project, filter=LATIN, now=NOW)

    latin(project, 1)
    for_one = statements_of(ask)
    latin(project, 19)

    assert statements_of(ask) == for_one == 2


@pytest.mark.parametrize(
    "unsound",
    [
        {"junction": "and"},
        {"colour": {"conditions": {"$is": ["red"]}}},
        {"name": {"conditions": {"$resembles": ["x"]}}},
    ],
)
def test_a_filter_without_meaning_is_refused(project, unsound):
    with pytest.raises(InvalidPayload):
        preview_filter(project=project, filter=unsound, now=NOW)


def test_a_list_shows_whom_it_names(project):
    ada, eve = CustomerFactory.create_batch(2, project=project)
    CustomerFactory.create(project=project)

    found = preview_listed(project=project, customers=[ada.pk, eve.source_id, ada.pk])

    assert (found.fitting, found.total) == (2, 3)
    assert set(found.sample) == {ada, eve}


def test_a_list_with_somebody_unknown_is_refused(project, other_project):
    stranger = CustomerFactory.create(project=other_project)

    with pytest.raises(ResourceNotFound) as refused:
        preview_listed(project=project, customers=[stranger.pk])

    assert refused.value.details == f"Cannot find customer with id {stranger.pk}"
