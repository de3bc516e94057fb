"""Segments at the dashboard, and on the pages of their customers."""

import json

import pytest

from customers.admin.segment import PEOPLE
from customers.models import Customer, Segment
from customers.services.segment_members import enter
from promo.jobs.models import AsyncAction
from tests.admin_site import (
    NOW,
    errors_of,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    tables_of,
    text_of,
)
from tests.factories.customers import (
    EVERYBODY,
    CustomerFactory,
    LocationFactory,
    SegmentFactory,
)
from tests.factories.rules import ValidationRuleFactory
from tests.outbox import events_of

pytestmark = pytest.mark.django_db

_PARIS = {"junction": "and", "address.city": {"conditions": {"$is": ["Paris"]}}}
_DYNAMIC = {
    "name": "Parisians",
    "type": "passive",
    "builder": "simple",
    "city": "Paris",
    "filter": "null",
}


def test_a_static_segment_holds_the_customers_that_were_pasted():
    project = make_project()
    ada, eve = CustomerFactory.create_batch(2, project=project)
    pasted = f"{ada.pk}\r\n  {eve.source_id} \r\n\r\n{ada.source_id}"

    response = sign_in(project, "USER").add(
        Segment, name="Friends", type="static", customers=pasted, filter="null"
    )

    segment = project.segments.get()
    members = segment.members.values_list("customer_id", flat=True)
    assert response.status_code == 302
    assert (segment.name, segment.type, segment.filter) == ("Friends", "static", None)
    assert set(members) == {ada.pk, eve.pk}


def test_a_customer_that_nobody_knows_is_refused_where_it_was_typed():
    project = make_project()

    response = sign_in(project, "USER").add(
        Segment, name="Friends", type="static", customers="nobody", filter="null"
    )

    assert errors_of(response) == {
        "customers": ["Resource not found: Cannot find customer with id nobody"]
    }
    assert not project.segments.exists()


@pytest.mark.parametrize("kind", ["passive", "auto-update"])
def test_a_dynamic_segment_gets_the_filter_that_the_fields_say(kind):
    project = make_project()

    response = sign_in(project, "USER").add(
        Segment,
        **_DYNAMIC
        | {
            "type": kind,
            "email_ends": "@example.com",
            "least_spent": "100.50",
            "least_orders": "3",
            "metadata_key": "level",
            "metadata_values": "gold, silver",
        },
    )

    segment = project.segments.get()
    spent, orders = "summary.orders.total_amount", "summary.orders.total_count"
    assert response.status_code == 302
    assert segment.type == kind
    assert segment.filter == _PARIS | {
        "email": {"conditions": {"$ends_with": ["@example.com"]}},
        spent: {"conditions": {"$more_than_equal": [10050]}},
        orders: {"conditions": {"$more_than_equal": [3]}},
        "metadata.level": {"conditions": {"$in": ["gold", "silver"]}},
    }
    assert AsyncAction.objects.get().type == "SEGMENT.PLACE_CUSTOMERS"


def test_fields_that_say_nothing_are_refused_where_they_are():
    project = make_project()

    response = sign_in(project, "USER").add(Segment, **_DYNAMIC | {"city": ""})

    assert errors_of(response) == {"builder": ["Must have at least one condition."]}
    assert not project.segments.exists()


def test_a_passive_segment_changes_its_name_alone_or_its_filter():
    segment = SegmentFactory(project=make_project(), filter=_PARIS)
    person = sign_in(segment.project, "USER")

    shown = person.open(segment).context["adminform"].form.initial
    person.change(segment, **_DYNAMIC | {"name": "Renamed"})
    segment.refresh_from_db()
    assert (shown["builder"], shown["city"]) == ("simple", "Paris")
    assert (segment.name, segment.filter) == ("Renamed", _PARIS)
    assert not AsyncAction.objects.exists()

    person.change(segment, **_DYNAMIC | {"name": "Renamed", "city": "Lyon"})
    segment.refresh_from_db()
    assert segment.filter["address.city"]["conditions"] == {"$is": ["Lyon"]}
    assert AsyncAction.objects.count() == 1
    assert events_of(segment.project) == [
        "segment.updated",
        "segment.filters_updated",
    ]


def test_a_filter_that_the_fields_cannot_say_is_edited_as_json():
    stored = EVERYBODY | {"junction": "or"}
    segment = SegmentFactory(project=make_project(), filter=stored)
    person = sign_in(segment.project, "USER")
    changed = {"junction": "or", "name": {"conditions": {"$starts_with": ["B"]}}}

    shown = person.open(segment).context["adminform"].form.initial["builder"]
    person.change(segment, name="B", builder="json", filter=json.dumps(changed))

    segment.refresh_from_db()
    assert shown == "json"
    assert (segment.name, segment.filter) == ("B", changed)


def test_a_filter_that_the_grammar_does_not_know_is_refused():
    segment = SegmentFactory(project=make_project(), filter=_PARIS)
    unknown = {"junction": "and", "colour": {"conditions": {"$is": ["red"]}}}

    response = sign_in(segment.project, "USER").change(
        segment, name="x", builder="json", filter=json.dumps(unknown)
    )

    segment.refresh_from_db()
    assert list(errors_of(response)) == ["filter"]
    assert segment.filter == _PARIS
    assert segment.name != "x"


@pytest.mark.parametrize("kind", ["static", "auto-update"])
def test_other_segments_change_their_name_alone(kind):
    stored = None if kind == "static" else _PARIS
    segment = SegmentFactory(project=make_project(), type=kind, filter=stored)
    person = sign_in(segment.project, "USER")

    fields = person.open(segment).context["adminform"].form.fields
    person.change(segment, **_DYNAMIC | {"name": "Renamed", "city": "Lyon"})

    segment.refresh_from_db()
    assert list(fields) == ["name"]
    assert (segment.name, segment.filter) == ("Renamed", stored)


def test_a_segment_that_a_rule_names_stays_and_the_page_says_why():
    segment = SegmentFactory(project=make_project())
    asks = {"name": "customer.segment", "conditions": {"$in": [segment.pk]}}
    rule = ValidationRuleFactory(
        project=segment.project, rules={"1": asks, "logic": "1"}
    )
    rule_id, person = rule.pk, sign_in(segment.project, "USER")

    refused = person.delete(segment)
    rule.delete()
    person.delete(segment)

    [message] = messages_of(refused)
    assert message.startswith("Resource in use: ")
    assert rule_id in message
    assert not Segment.objects.exists()


def test_the_number_of_members_leads_to_them():
    project = make_project()
    segment = SegmentFactory(project=project, completed_at=NOW)
    ada, eve, _ = CustomerFactory.create_batch(3, project=project)
    enter([(segment.pk, ada.pk), (segment.pk, eve.pk)], now=NOW)
    person = sign_in(project, "VIEWER")

    kind, customers = person.open(segment).context["summary"]
    behind = person.client.get(customers.link)

    assert (kind.value, customers.value, customers.note) == (
        "Dynamic, passive",
        "2",
        "",
    )
    assert set(rows_of(behind)) == {ada, eve}
    assert [one.members_found for one in rows_of(person.list(Segment))] == [2]


def test_a_segment_that_is_being_filled_says_so():
    segment = SegmentFactory(project=make_project(), completed_at=None)

    _, customers = sign_in(segment.project, "VIEWER").open(segment).context["summary"]

    assert customers.note == "A worker is still looking for more"


def test_customers_are_filtered_by_the_segments_of_the_project_alone():
    project = make_project()
    foreign = SegmentFactory(project=make_project("Other"))
    ada = CustomerFactory(project=project)
    SegmentFactory(project=project)
    person = sign_in(project, "VIEWER")

    assert rows_of(person.list(Customer, segment="")) == [ada]
    for wanted in (foreign.pk, "seg_x"):
        assert rows_of(person.list(Customer, segment=wanted)) == []


def test_the_page_of_a_customer_names_the_segments_and_why():
    project = make_project()
    ada = CustomerFactory(project=project, address={"city": "Paris"})
    segment = SegmentFactory(project=project, name="Parisians", filter=_PARIS)
    SegmentFactory(project=project, name="Friends", type="static", filter=None)
    person = sign_in(project, "VIEWER")

    page = person.tab(ada, "segments")

    [[name, kind, why]] = page.context["panels"][0].rows
    assert (name.text, kind.text) == ("Parisians", "Dynamic, passive")
    assert why.lines == ["City is Paris, needs to be Paris"]
    assert person.client.get(name.link).context["original"] == segment
    assert "Friends" not in text_of(page)


def test_who_is_listed_by_hand_is_told_so():
    project = make_project()
    ada = CustomerFactory(project=project)
    friends = SegmentFactory(
        project=project, name="Friends", type="static", filter=None
    )
    enter([(friends.pk, ada.pk)], now=NOW)

    tables = tables_of(sign_in(project, "VIEWER").tab(ada, "segments"))

    assert tables == {
        "Segments": [["Friends", "Static", "Listed by hand, whatever the profile says"]]
    }


def test_a_location_in_a_reason_goes_by_its_name():
    project = make_project()
    warsaw = LocationFactory(project=project, name="Warsaw")
    inside = {"metadata.home": {"conditions": {"$in_location": [warsaw.pk]}}}
    ada = CustomerFactory(project=project, metadata={"home": "geo:52.23,21.01"})
    SegmentFactory(project=project, name="Near", filter={"junction": "and", **inside})

    tables = tables_of(sign_in(project, "VIEWER").tab(ada, "segments"))

    assert tables["Segments"][0][2] == [
        "Home is geo:52.23,21.01, needs to lie in Warsaw"
    ]


def test_twenty_segments_cost_as_much_as_one():
    project = make_project()
    ada = CustomerFactory(project=project, address={"city": "Paris"})
    person = sign_in(project, "VIEWER")
    SegmentFactory(project=project, filter=_PARIS)
    for_one = statements_of(lambda: person.tab(ada, "segments"))

    SegmentFactory.create_batch(19, project=project, filter=_PARIS)

    assert statements_of(lambda: person.tab(ada, "segments")) == for_one


def test_a_viewer_reads_and_changes_nothing():
    segment = SegmentFactory(project=make_project(), filter=_PARIS)
    person = sign_in(segment.project, "VIEWER")

    assert "Paris" in text_of(person.open(segment))
    assert person.add(Segment, **_DYNAMIC).status_code == 403
    assert person.change(segment, name="x").status_code == 403
    assert person.delete(segment).status_code == 403
    segment.refresh_from_db()
    assert (segment.name == "x", segment.filter) == (False, _PARIS)


def test_segments_of_another_project_do_not_exist():
    person = sign_in(make_project(), "USER")
    foreign = SegmentFactory(project=make_project("Other"))

    assert foreign not in rows_of(person.list(Segment))
    assert person.open(foreign).status_code == 302
    assert person.change(foreign, **_DYNAMIC).status_code == 302
    assert person.delete(foreign).status_code == 302
    foreign.refresh_from_db()
    assert foreign.filter == EVERYBODY


def test_the_list_finds_by_name_and_id_and_filters_by_kind():
    project = make_project()
    person = sign_in(project, "VIEWER")
    latin = SegmentFactory(project=project, name="Latin")
    SegmentFactory(project=project, type="static", filter=None)

    for query in ({"q": "lati"}, {"q": latin.pk}, {"type__exact": "passive"}):
        assert rows_of(person.list(Segment, **query)) == [latin]


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    SegmentFactory(project=project)
    for_one = statements_of(lambda: person.list(Segment))

    SegmentFactory.create_batch(19, project=project)

    assert statements_of(lambda: person.list(Segment)) == for_one


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"metadata.a": {"conditions": {"$in": ["b", "c"]}}}, True),
        ({"metadata.a": {"conditions": {"$in": [1, 2]}}}, False),
        ({"metadata.a": {"conditions": {"$in": ["b, c"]}}}, False),
        ({"metadata.a": {"conditions": {"$in_location": ["loc_1"]}}}, False),
        ({"email": {"conditions": {"$is": ["a@example.com"]}}}, False),
    ],
)
def test_plain_fields_show_only_what_they_can_say(body, shown):
    values = PEOPLE.values_of({"junction": "and", **body})

    assert (values is not None) is shown
