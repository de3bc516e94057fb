"""The definitions of custom events in the management API."""

import pytest

from customers.models import CustomEventSchema
from customers.services import event_schema as service
from tests.contract.resource import NOBODY
from tests.factories.customers import EventSchemaFactory
from tests.fixtures.api import management_client

pytestmark = pytest.mark.django_db

PLAN = {"plan": {"type": "string", "optional": False}}
BODY = {"name": "signed.up", "schema": {"properties": PLAN}}


def path_of(project):
    return f"/management/v1/projects/{project.pk}/custom-event-schemas"


@pytest.fixture
def path(project):
    return path_of(project)


def test_an_event_is_defined_read_changed_and_deleted(management, path):
    made = management.post(path, BODY).json()
    one = f"{path}/{made['id']}"
    sent = {"schema": {"properties": {"size": {"type": "number"}}}}
    changed = management.put(one, sent).json()

    assert made == {
        "id": made["id"],
        "name": "signed.up",
        "schema": {"properties": PLAN},
        "created_at": made["created_at"],
        "object": "custom-event-schema",
    }
    assert made["id"].startswith("ms_")
    size = {"type": "number", "optional": True}
    assert changed == {
        **made,
        "schema": {"properties": {**PLAN, "size": size}},
        "updated_at": changed["updated_at"],
    }
    assert management.get(one).json() == changed
    assert management.delete(one).status_code == 204
    assert management.get(one).status_code == 404
    assert not CustomEventSchema.objects.exists()


def test_events_are_listed_newest_first(management, path):
    older, newer = (
        management.post(path, {"name": name, "schema": {"properties": {}}}).json()
        for name in ("a", "b")
    )

    assert management.get(path).json() == {
        "object": "list",
        "data_ref": "data",
        "data": [newer, older],
        "total": 2,
    }


def test_a_type_may_change_and_a_removed_property_comes_back(management, path):
    one = f"{path}/{management.post(path, BODY).json()['id']}"

    def put(**definition):
        body = {"schema": {"properties": {"plan": definition}}}
        return management.put(one, body).json()["schema"]["properties"]

    assert put(type="number", optional=True)["plan"]["type"] == "number"
    assert put(type="number", deleted=True) == {
        "plan": {"type": "number", "optional": True, "deleted": True}
    }
    assert put(type="number", deleted=False) == {
        "plan": {"type": "number", "optional": True}
    }


def test_a_name_is_there_once(management, path):
    management.post(path, BODY)

    refused = management.post(path, {**BODY, "schema": {"properties": {}}})

    body = refused.json()
    assert refused.status_code == 409
    assert (body["key"], body["message"], body["details"]) == (
        "duplicate_found",
        "Duplicated resource found",
        "Duplicated custom_event_schema exists with name signed.up",
    )
    assert (body["resource_id"], body["resource_type"]) == (
        "signed.up",
        "custom_event_schema",
    )
    assert CustomEventSchema.objects.get().properties == PLAN


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, "Payload must have required property 'name'"),
        ({"name": "a"}, "Payload must have required property 'schema'"),
        (
            {"name": "a", "schema": {}},
            "Property .schema should have required property 'properties'",
        ),
        (
            {"name": "", "schema": {"properties": {}}},
            "Property .name must NOT have fewer than 1 characters",
        ),
        (
            {"name": "n" * 301, "schema": {"properties": {}}},
            "Property .name must NOT have more than 300 characters",
        ),
        (
            {"name": "a", "schema": {"properties": []}},
            "Property .schema.properties must be object",
        ),
        (
            {"name": "a", "schema": {"properties": {"x": {"type": "object"}}}},
            (
                "Property .schema.properties.x.type must be equal to one of the "
                "allowed values [ string, number, date, datetime, boolean ]"
            ),
        ),
    ],
)
def test_what_defines_no_event_is_refused(management, path, body, details):
    refused = management.post(path, body)

    assert refused.status_code == 400
    assert refused.json()["key"] == "invalid_payload"
    assert refused.json()["details"] == details
    assert not CustomEventSchema.objects.exists()


def test_a_change_that_does_not_fit_changes_nothing(management, path):
    made = management.post(path, BODY).json()
    one = f"{path}/{made['id']}"
    sent = {"new": {"type": "date"}, "plan": {"type": "text"}}

    refused = management.put(one, {"schema": {"properties": sent}})

    assert refused.status_code == 400
    assert management.get(one).json() == made


def test_the_name_of_an_event_stays(management, path):
    made = management.post(path, BODY).json()

    changed = management.put(f"{path}/{made['id']}", {"name": "other"}).json()

    assert changed["name"] == "signed.up"
    assert changed["schema"] == made["schema"]


@pytest.mark.parametrize("reference", [f"ms_{NOBODY}", "signed.up", "ms_x"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_id_of_nobody_is_not_found(management, path, reference, method):
    management.post(path, BODY)

    answer = management.request(method, f"{path}/{reference}", {})

    assert answer.status_code == 404
    assert answer.json()["details"] == (
        f"Cannot find custom_event_schema with id {reference}"
    )
    assert answer.json()["resource_type"] == "custom_event_schema"
    assert CustomEventSchema.objects.count() == 1


def test_an_event_of_another_organisation_does_not_exist(management, other_project):
    made = EventSchemaFactory.create(project=other_project)
    path = f"{path_of(management.project)}/{made.pk}"

    answers = [
        management.get(path),
        management.put(path, {"schema": {"properties": PLAN}}),
        management.delete(path),
        management.get(path_of(other_project)),
        management.post(path_of(other_project), BODY),
    ]

    assert [each.status_code for each in answers] == [404] * 5
    made.refresh_from_db()
    assert made.properties == {}
    assert other_project.custom_event_schemas.count() == 1


def test_two_projects_may_have_events_of_one_name(management, other_project, path):
    management.post(path, BODY)

    theirs = management_client(other_project).post(path_of(other_project), BODY)

    assert theirs.status_code == 200
    assert CustomEventSchema.objects.count() == 2


def test_a_key_of_a_project_is_no_key_of_the_organisation(api, path):
    assert api.get(path).status_code == 401


def test_a_project_has_so_many_events_and_no_more(management, path, monkeypatch):
    monkeypatch.setattr(service, "MOST_SCHEMAS", 1)
    management.post(path, BODY)

    refused = management.post(path, {**BODY, "name": "another"})

    assert refused.status_code == 400
    assert refused.json()["details"] == "A project has at most 1 custom event schemas"
    assert CustomEventSchema.objects.count() == 1
