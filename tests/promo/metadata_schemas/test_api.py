"""``/v1/metadata-schemas`` and the management calls of the same name."""

import pytest

from promo.metadata_schemas.models import MetadataSchema
from tests.contract.resource import NOBODY, ResourceContract
from tests.factories.metadata import MetadataSchemaFactory, define
from tests.fixtures.api import server_client

pytestmark = pytest.mark.django_db

V1 = "/v1/metadata-schemas"
TEXT = {"type": "string", "array": False, "optional": True, "objectType": None}
TEAM = {"team": {"type": "string"}}


class TestMetadataSchemas(ResourceContract):
    path, id_prefix = V1, "ms_"
    list_key, object_name = "schemas", "metadata_schema"
    resource_type = "metadata schema"
    valid_body = {"related_object": "customer", "properties": TEAM}
    update_body = {"allow_defined_only": True}
    required = ("related_object", "properties")
    wrong = (
        (
            {"related_object": ""},
            "Property .related_object must NOT have fewer than 1 characters",
        ),
        ({"properties": []}, "Property .properties must be object"),
        ({"allow_defined_only": 1}, "Property .allow_defined_only must be boolean"),
        (
            {"properties": {"team": {}}},
            "Property .properties.team should have required property 'type'",
        ),
    )
    # The list is given whole.
    test_listing_is_cut_into_pages = None
    test_a_limit_out_of_range_is_refused = None
    test_a_page_beyond_the_last_one_is_refused = None

    def make(self, project, count):
        return MetadataSchemaFactory.create_batch(count, project=project)


def management_path(project):
    return f"/management/v1/projects/{project.pk}/metadata-schemas"


def test_version_1_reads_and_writes_camel_case(api):
    body = {
        "related_object": "customer",
        "properties": {
            "team": {"type": "string", "minLength": 2, "eq": ["latin", "greek"]}
        },
    }

    made = api.post(V1, body)

    assert made.status_code == 200, made.content
    shown = made.json()
    stored = MetadataSchema.objects.get(pk=shown["id"])
    assert shown == {
        "id": stored.pk,
        "related_object": "customer",
        "properties": {"team": {**TEXT, "minLength": 2, "eq": ["latin", "greek"]}},
        "allow_defined_only": None,
        "created_at": shown["created_at"],
        "updated_at": None,
        "object": "metadata_schema",
    }


def test_the_management_api_reads_and_writes_snake_case(management):
    path = management_path(management.project)
    body = {
        "related_object": "customer",
        "properties": {"team": {"type": "string", "min_length": 2}},
        "allow_defined_only": True,
    }

    made = management.post(path, body).json()
    team = {
        "type": "string",
        "array": False,
        "optional": True,
        "object_type": None,
        "min_length": 2,
    }
    one = f"{path}/{made['id']}"
    changed = management.put(one, {"allow_defined_only": False}).json()

    assert made["properties"] == {"team": team}
    assert made["allow_defined_only"] is True
    assert changed == {
        **made,
        "allow_defined_only": False,
        "updated_at": changed["updated_at"],
    }
    assert changed["updated_at"] is not None
    assert management.get(one).json() == changed
    assert management.get(path).json() == {
        "object": "list",
        "data_ref": "data",
        "data": [changed],
        "total": 1,
    }
    assert management.delete(one).status_code == 204
    assert management.get(one).status_code == 404


def test_either_api_takes_the_names_of_the_other(api, management):
    sent = {"size": {"type": "string", "max_length": 3}}
    api.post(V1, {"related_object": "product", "properties": sent})
    path = management_path(management.project)

    management.post(
        path,
        {
            "related_object": "order",
            "properties": {"n": {"type": "string", "maxLength": 4}},
        },
    )

    listed = api.get(V1).json()["schemas"]
    assert [each["related_object"] for each in listed] == ["order", "product"]
    assert [each["properties"] for each in listed] == [
        {"n": {**TEXT, "maxLength": 4}},
        {"size": {**TEXT, "maxLength": 3}},
    ]


def test_a_schema_is_read_by_the_name_of_its_resource_too(api):
    made = define(api.project, "order_item", team={"type": "string"})

    by_name, by_id = api.get(f"{V1}/order_item"), api.get(f"{V1}/{made.pk}")

    assert by_name.json() == by_id.json()
    assert by_name.json()["id"] == made.pk


def test_an_id_goes_before_a_resource_that_is_called_like_it(api):
    made = define(api.project, "order", team={"type": "string"})
    define(api.project, made.pk, size={"type": "string"})

    assert api.get(f"{V1}/{made.pk}").json()["related_object"] == "order"


def test_a_resource_without_schema_is_not_found_by_its_name(api):
    response = api.get(f"{V1}/customer")

    assert response.status_code == 404
    body = response.json()
    assert body["key"] == "not_found"
    assert body["details"] == "Cannot find metadata schema with id customer"
    assert body["resource_id"] == "customer"
    assert body["resource_type"] == "metadata schema"


def test_a_second_schema_of_a_resource_is_refused(api):
    body = {"related_object": "customer", "properties": TEAM}
    api.post(V1, body)

    response = api.post(V1, {**body, "properties": {"size": {"type": "string"}}})

    assert response.status_code == 409
    body = response.json()
    assert body["key"] == "duplicate_found"
    assert body["details"] == (
        "Duplicated metadata schema exists with related_object customer"
    )
    assert (body["resource_id"], body["resource_type"]) == (
        "customer",
        "metadata schema",
    )
    assert api.get(f"{V1}/customer").json()["properties"] == {"team": TEXT}


def test_an_update_replaces_a_definition_as_a_whole_and_leaves_the_others(api):
    made = define(
        api.project,
        "customer",
        team={"type": "string", "optional": False, "eq": ["latin"]},
        size={"type": "number", "gte": 1},
    )

    shown = api.put(f"{V1}/{made.pk}", {"properties": TEAM}).json()

    assert shown["properties"] == {
        "team": TEXT,
        "size": {**TEXT, "type": "number", "gte": 1},
    }


def test_a_definition_is_removed_and_restored(api):
    made = define(api.project, "customer", **TEAM)
    path = f"{V1}/{made.pk}"

    gone = api.put(path, {"properties": {"team": {"type": "string", "deleted": True}}})
    back = api.put(path, {"properties": {"team": {"type": "string", "deleted": False}}})

    assert gone.json()["properties"] == {"team": {**TEXT, "deleted": True}}
    assert back.json()["properties"] == {"team": TEXT}


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"type": "number"}, ".properties.team.type cannot change: string"),
        ({}, ".properties.team should have required property 'type'"),
        (None, ".properties.team must be object"),
    ],
)
def test_an_update_that_does_not_fit_changes_nothing(api, change, details):
    made = define(api.project, "customer", **TEAM)
    before = api.get(f"{V1}/{made.pk}").json()

    response = api.put(
        f"{V1}/{made.pk}",
        {
            "allow_defined_only": True,
            "properties": {"new": {"type": "date"}, "team": change},
        },
    )

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_payload"
    assert response.json()["details"] == f"Property {details}"
    assert api.get(f"{V1}/{made.pk}").json() == before


@pytest.mark.parametrize("role", ["USER", "VIEWER", "MERCHANT"])
def test_everybody_reads_schemas_and_administrators_change_them(project, role):
    made = define(project, "customer", **TEAM)
    caller = server_client(project, role=role)
    path = f"{V1}/{made.pk}"

    refused = [
        caller.post(V1, {"related_object": "order", "properties": {}}),
        caller.put(path, {"allow_defined_only": True}),
        caller.delete(path),
    ]

    assert caller.get(V1).json()["total"] == 1
    assert caller.get(path).status_code == 200
    assert [each.json()["key"] for each in refused] == [
        "missing_required_permission"
    ] * 3
    assert caller.get(path).json()["allow_defined_only"] is False
    assert caller.get(V1).json()["total"] == 1


def test_a_schema_of_another_organisation_does_not_exist(management, other_project):
    made = define(other_project, "customer", **TEAM)
    path = f"{management_path(management.project)}/{made.pk}"

    answers = [
        management.get(path),
        management.put(path, {"allow_defined_only": True}),
        management.delete(path),
        management.get(management_path(other_project)),
    ]

    assert [each.status_code for each in answers] == [404] * 4
    made.refresh_from_db()
    assert made.allow_defined_only is False


def test_an_id_of_nobody_is_not_found_by_the_management_api(management):
    nobody = f"ms_{NOBODY}"

    response = management.get(f"{management_path(management.project)}/{nobody}")

    assert response.status_code == 404
    assert response.json()["details"] == f"Cannot find metadata schema with id {nobody}"
