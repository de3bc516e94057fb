"""Creating, changing and deleting locations, and who is inside them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Location, SegmentMember
from customers.services.location import (
    create_location,
    delete_location,
    update_location,
)
from customers.services.segment import create_segment, update_segment
from customers.services.segment_lookup import segments_of
from customers.services.segment_placing import place_again
from promo.errors import InvalidPayload, ResourceInUse, ResourceNotFound
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from tests.factories.catalogue import CollectionFactory
from tests.factories.customers import (
    EVERYBODY,
    CustomerFactory,
    LocationFactory,
    SegmentFactory,
    circle,
)
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

WARSAW, CRACOW = "geo:52.2297,21.0122", "50.0647, 19.9450"


def fence(*locations, operator="$in_location"):
    ids = [one.pk for one in locations]
    return {"junction": "and", "metadata.home": {"conditions": {operator: ids}}}


def someone(project, place=None):
    metadata = {} if place is None else {"home": place}
    return CustomerFactory.create(project=project, metadata=metadata)


def work():
    for action in AsyncAction.objects.filter(finished_at=None):
        while run_step(action.pk, now=NOW):
            pass


def members(segment):
    return set(
        SegmentMember.objects.filter(segment=segment).values_list(
            "customer_id", flat=True
        )
    )


def test_a_location_keeps_its_shape_in_the_form_the_api_shows(project):
    sent = {"type": "circle", "distance": {"center": CRACOW, "radius": "5 km"}}

    made = create_location(project=project, now=NOW, name="Cracow", shape=sent)

    made.refresh_from_db()
    assert (made.name, made.created_at, made.updated_at) == ("Cracow", NOW, None)
    assert made.shape == circle("geo:50.0647,19.9450", "5 km")


def test_a_shape_that_is_not_sound_stores_and_changes_nothing(project):
    location = LocationFactory.create(project=project)
    wrong = circle(radius="far")

    with pytest.raises(InvalidPayload):
        create_location(project=project, now=NOW, name="x", shape=wrong)
    with pytest.raises(InvalidPayload):
        update_location(location, now=NOW, name="x", shape=wrong)

    stored = Location.objects.get()
    assert (stored.name, stored.shape) == (location.name, circle())
    assert stored.updated_at is None


def test_a_new_shape_lets_customers_enter_and_leave(project):
    location, other = LocationFactory.create_batch(2, project=project)
    inside, outside = someone(project, WARSAW), someone(project, CRACOW)
    fenced = SegmentFactory.create(project=project, filter=fence(location))
    SegmentFactory.create(project=project, filter=fence(other))
    SegmentFactory.create(project=project, type="static", filter=None)
    place_again(project, [inside.pk, outside.pk], now=NOW)
    before = members(fenced)

    update_location(location, now=NOW, shape=circle(CRACOW))
    asked = [one.arguments["segment_id"] for one in AsyncAction.objects.all()]
    work()

    assert (before, members(fenced)) == ({inside.pk}, {outside.pk})
    assert asked == [fenced.pk]


def test_a_new_name_moves_nobody(project):
    location = LocationFactory.create(project=project)
    SegmentFactory.create(project=project, filter=fence(location))

    update_location(location, now=NOW, name="Capital")

    location.refresh_from_db()
    assert (location.name, location.updated_at) == ("Capital", NOW)
    assert not AsyncAction.objects.exists()


@pytest.mark.parametrize("operator", ["$in_location", "$not_in_location"])
def test_a_location_that_a_segment_names_stays(project, operator):
    location, free = LocationFactory.create_batch(2, project=project)
    segment = SegmentFactory.create(
        project=project, filter=fence(location, operator=operator)
    )

    with pytest.raises(ResourceInUse) as refused:
        delete_location(location, now=NOW)
    delete_location(free, now=NOW)

    assert refused.value.extra["related_object_ids"] == [segment.pk]
    assert refused.value.extra["related_object_type"] == "segment"
    assert list(Location.objects.all()) == [location]


def test_a_location_that_a_collection_names_stays(project, other_project):
    location, free = LocationFactory.create_batch(2, project=project)
    collection = CollectionFactory.create(project=project, filter=fence(location))
    CollectionFactory.create(project=other_project, filter=fence(free))

    with pytest.raises(ResourceInUse) as refused:
        delete_location(location, now=NOW)
    delete_location(free, now=NOW)

    assert refused.value.extra["related_object_ids"] == [collection.pk]
    assert refused.value.extra["related_object_type"] == "products_collection"
    assert list(Location.objects.all()) == [location]


def test_a_location_that_is_gone_is_neither_changed_nor_deleted(project):
    location = LocationFactory.create(project=project)
    gone = Location.objects.get()
    location.delete()

    for write in (update_location, delete_location):
        with pytest.raises(ResourceNotFound):
            write(gone, now=NOW)


@pytest.mark.spec("rules 10.3 Geofencing")
@pytest.mark.parametrize(
    ("place", "is_in", "is_out"),
    [
        (WARSAW, True, False),
        ("52.2297, 21.0122", True, False),
        (CRACOW, False, True),
        ([CRACOW, WARSAW], True, False),
        ("Warsaw", False, False),
        (None, False, False),
    ],
)
def test_without_coordinates_somebody_is_neither_inside_nor_outside(
    project, place, is_in, is_out
):
    location = LocationFactory.create(project=project)
    ins = SegmentFactory.create(project=project, filter=fence(location))
    outs = SegmentFactory.create(
        project=project, filter=fence(location, operator="$not_in_location")
    )
    customer = someone(project, place)

    held = segments_of(project, customer.pk, now=NOW)
    place_again(project, [customer.pk], now=NOW)

    assert (ins in held, outs in held) == (is_in, is_out)
    assert (bool(members(ins)), bool(members(outs))) == (is_in, is_out)


def test_a_location_of_another_project_has_nobody_inside(project, other_project):
    foreign = LocationFactory.create(project=other_project)
    customer = someone(project, WARSAW)
    SegmentFactory.create(project=project, filter=fence(foreign))

    assert segments_of(project, customer.pk, now=NOW) == []


def test_locations_cost_one_statement_whatever_their_number(project):
    customer = someone(project, WARSAW)
    locations = LocationFactory.create_batch(10, project=project)

    def costs():
        with CaptureQueriesContext(connection) as statements:
            segments_of(project, customer.pk, now=NOW)
        return len(statements)

    SegmentFactory.create(project=project)
    without = costs()
    SegmentFactory.create(project=project, filter=fence(locations[0]))
    with_one = costs()
    for one in locations:
        SegmentFactory.create(project=project, filter=fence(one, *locations))

    assert [with_one, costs()] == [without + 1, without + 1]


def test_storing_a_filter_holds_the_locations_that_it_names(project):
    location = LocationFactory.create(project=project)

    def held(write):
        with CaptureQueriesContext(connection) as statements:
            write()
        return sum("FOR SHARE" in one["sql"] for one in statements)

    def make(body):
        return create_segment(
            project=project, now=NOW, name="x", type="passive", filter=body
        )

    assert held(lambda: make(EVERYBODY)) == 0
    assert held(lambda: make(fence(location))) == 1
    segment = make(EVERYBODY)
    assert held(lambda: update_segment(segment, now=NOW, filter=fence(location))) == 1
