"""``/v1/segments`` and what belongs to it."""

import pytest

from customers.models import Segment, SegmentMember
from customers.services.segment import update_segment
from customers.services.segment_members import enter
from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from tests.contract.resource import ResourceContract
from tests.factories.customers import EVERYBODY, CustomerFactory, SegmentFactory
from tests.factories.rules import ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.outbox import events_of

LATIN = {"junction": "and", "metadata.team": {"conditions": {"$is": ["latin"]}}}

ONE_OF = (
    "Property .type must be equal to one of the allowed values "
    "[ static, passive, auto-update ]"
)
JUNCTION = "Property .filter has wrong `junction` property. It must be one of: and, or"


class TestSegments(ResourceContract):
    path, id_prefix, resource_type = "/v1/segments", "seg_", "segment"
    object_name = "segment"
    valid_body = {"name": "Latin", "type": "passive", "filter": LATIN}
    update_body = {"name": "Greek", "filter": EVERYBODY}
    required = ["name", "type"]
    wrong = [
        ({"type": "other"}, ONE_OF),
        ({"filter": None}, "Property .filter must be object"),
        ({"filter": LATIN | {"junction": "xor"}}, JUNCTION),
    ]

    def make(self, project, count):
        return SegmentFactory.create_batch(count, project=project)


def create(api, **body):
    return api.post("/v1/segments", {"name": "Some", **body})


def test_a_static_segment_has_its_members_at_once(api):
    ada, eve = CustomerFactory.create_batch(2, project=api.project)
    CustomerFactory.create(project=api.project)

    made = create(api, type="static", customers=[eve.pk, ada.source_id, eve.pk])
    held = api.get("/v1/customers", {"segment_id": made.json()["id"]}).json()

    assert made.json() | {"id": "", "created_at": ""} == {
        "id": "",
        "name": "Some",
        "created_at": "",
        "type": "static",
        "filter": None,
        "object": "segment",
    }
    assert {row["id"] for row in held["customers"]} == {ada.pk, eve.pk}
    assert events_of(api.project) == ["segment.created"]
    assert not AsyncAction.objects.exists()


def test_an_unknown_member_is_named_and_nothing_is_stored(api, other_project):
    ada = CustomerFactory.create(project=api.project)
    foreign = CustomerFactory.create(project=other_project)

    refused = create(api, type="static", customers=[ada.pk, foreign.pk, "nobody"])

    assert (refused.status_code, refused.json()["key"]) == (404, "not_found")
    assert refused.json()["resource_id"] == foreign.pk
    assert refused.json()["resource_type"] == "customer"
    assert not Segment.objects.exists()


def test_a_list_of_members_has_its_limit(api):
    refused = create(api, type="static", customers=["x"] * 20_001)

    assert refused.status_code == 400
    assert refused.json()["details"] == (
        "Property .customers must NOT have more than 20000 items"
    )
    assert not Segment.objects.exists()


def test_a_hundred_and_first_dynamic_segment_is_refused(api):
    SegmentFactory.create_batch(100, project=api.project)

    refused = create(api, type="auto-update", filter=LATIN)
    listed = create(api, type="static", customers=[])

    assert refused.status_code == 400
    assert refused.json()["details"] == (
        "A project has at most 100 active and passive segments"
    )
    assert listed.status_code == 200
    assert api.project.segments.count() == 101


def test_a_dynamic_segment_is_stored_canonically_and_given_to_a_worker(api):
    made = create(
        api, type="auto-update", filter={"metadata.team": {"conditions": {"$is": "x"}}}
    ).json()

    action = AsyncAction.objects.get()
    assert made["filter"] == {
        "junction": "and",
        "metadata.team": {"conditions": {"$is": ["x"]}},
    }
    assert action.type == "SEGMENT.PLACE_CUSTOMERS"
    assert action.arguments == {"segment_id": made["id"]}


@pytest.mark.parametrize("kind", ["static", "auto-update"])
def test_only_a_passive_segment_changes_its_filter(api, kind):
    segment = SegmentFactory.create(
        project=api.project, type=kind, filter=None if kind == "static" else LATIN
    )

    refused = api.put(f"/v1/segments/{segment.pk}", {"name": "B", "filter": EVERYBODY})
    renamed = api.put(f"/v1/segments/{segment.pk}", {"name": "C"})

    segment.refresh_from_db()
    assert refused.json()["key"] == "resource_protected"
    assert renamed.json()["name"] == segment.name == "C"
    assert segment.filter == (None if kind == "static" else LATIN)
    assert events_of(api.project) == ["segment.updated"]


def test_the_feed_tells_of_the_segment_and_not_of_its_members(api):
    made = create(api, type="passive", filter=LATIN).json()
    update_segment(Segment.objects.get(), now=utc_now(), filter=EVERYBODY)

    feed = api.get(f"/v1/segments/{made['id']}/activities").json()

    kinds = [row["type"] for row in feed["data"]]
    assert kinds == ["segment.filters_updated", "segment.created"]
    assert feed["has_more"] is False


def test_a_segment_that_a_rule_names_stays(api):
    segment = SegmentFactory.create(project=api.project)
    asks = {"name": "customer.segment", "conditions": {"$in": [segment.pk]}}
    rule = ValidationRuleFactory.create(
        project=api.project, rules={"1": asks, "logic": "1"}
    )

    refused = api.delete(f"/v1/segments/{segment.pk}")

    body = refused.json()
    assert (refused.status_code, body["key"]) == (400, "resource_in_use")
    assert body["related_object_ids"] == [rule.pk]
    assert body["related_object_type"] == "validation_rules"
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_deleting_a_segment_takes_its_memberships_along(api):
    segment = SegmentFactory.create(project=api.project)
    ada = CustomerFactory.create(project=api.project)
    enter([(segment.pk, ada.pk)], now=NOW)

    assert api.delete(f"/v1/segments/{segment.pk}").status_code == 204
    assert not SegmentMember.objects.exists()
    assert api.get(f"/v1/customers/{ada.pk}").status_code == 200


def test_a_customer_is_in_listed_segments_and_in_those_whose_filter_holds(api):
    ada = CustomerFactory.create(project=api.project, metadata={"team": "latin"})
    eve = CustomerFactory.create(project=api.project)
    listed = SegmentFactory.create(project=api.project, type="static", filter=None)
    latin = SegmentFactory.create(project=api.project, name="L", filter=LATIN)
    enter([(listed.pk, ada.pk)], now=NOW)

    held = api.get(f"/v1/customers/{ada.source_id}/segments").json()

    assert held == {
        "object": "list",
        "data_ref": "data",
        "data": [
            {"id": latin.pk, "name": "L", "object": "segment"},
            {"id": listed.pk, "name": listed.name, "object": "segment"},
        ],
        "total": 2,
    }
    assert api.get(f"/v1/customers/{eve.pk}/segments").json()["data"] == []


def test_somebody_unknown_is_where_an_empty_profile_falls(api):
    named = {"junction": "and", "source_id": {"conditions": {"$is": ["new"]}}}
    fits = SegmentFactory.create(project=api.project, filter=named)
    SegmentFactory.create(project=api.project, filter=LATIN)
    SegmentFactory.create(project=api.project, type="static", filter=None)

    held = api.get("/v1/customers/new/segments").json()

    assert [row["id"] for row in held["data"]] == [fits.pk]


def test_customers_are_listed_by_segment_together_with_other_filters(api):
    ada, eve = CustomerFactory.create_batch(2, project=api.project)
    segment = SegmentFactory.create(project=api.project)
    enter([(segment.pk, ada.pk), (segment.pk, eve.pk)], now=NOW)

    def listed(**query):
        body = api.get("/v1/customers", {"segment_id": segment.pk, **query}).json()
        return {row["id"] for row in body["customers"]}

    assert listed() == {ada.pk, eve.pk}
    assert listed(**{"created_at[after]": "2030-01-01"}) == set()
    assert api.get("/v1/customers", {"segment_id": "seg_x"}).json()["customers"] == []
