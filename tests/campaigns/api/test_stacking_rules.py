"""``/management/v1/projects/{projectId}/stacking-rules``."""

import pytest

from campaigns.models import Category
from promo.tenancy.models import Project
from promo.tenancy.stacking import DEFAULTS
from tests.contract.resource import NOBODY
from tests.factories.campaigns import CategoryFactory
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import management_client, server_client

LIST = "applicable_redeemables_category_limits"


@pytest.fixture
def path(project):
    return f"/management/v1/projects/{project.pk}/stacking-rules"


@pytest.fixture
def category(project):
    return CategoryFactory(project=project)


def stored(project):
    return Project.objects.get(pk=project.pk).stacking_rules


def test_a_project_without_rules_lists_the_defaults_without_an_id(management, path):
    response = management.get(path)

    assert response.status_code == 200
    assert response.json() == {
        "object": "list",
        "data_ref": "data",
        "data": [DEFAULTS],
        "total": 1,
    }


def test_rules_are_created_read_and_used(management, path, project, category):
    body = {
        "redeemables_limit": 25,
        "applicable_redeemables_limit": 10,
        "applicable_redeemables_per_category_limit": 2,
        LIST: {category.pk: 3},
        "exclusive_categories": [category.pk],
        "redeemables_application_mode": "PARTIAL",
    }

    made = management.post(path, body)

    shown = made.json()
    assert made.status_code == 200, made.content
    assert shown["id"].startswith("stk_")
    assert "updated_at" not in shown
    assert shown == DEFAULTS | body | {
        "id": shown["id"],
        "created_at": shown["created_at"],
    }
    assert management.get(f"{path}/{shown['id']}").json() == shown
    assert management.get(path).json()["data"] == [shown]
    checkout = {"redeemables": [{"object": "voucher", "id": "NONE"}]}
    echoed = server_client(project).post("/v1/validations", checkout).json()
    assert echoed["stacking_rules"]["redeemables_limit"] == 25


def test_a_second_set_is_a_conflict(management, path, project):
    management.post(path, {"redeemables_limit": 20})

    again = management.post(path, {"redeemables_limit": 10})

    assert again.status_code == 409
    assert again.json()["key"] == "stacking_rules_exist"
    assert again.json()["message"] == "Stacking rules exist"
    assert again.json()["details"] == (
        "Cannot exist more stacking rules for given project"
    )
    assert stored(project) == {"redeemables_limit": 20}


def test_an_update_is_partial_and_replaces_arrays_whole(
    management, path, project, category
):
    other = CategoryFactory(project=project)
    made = management.post(
        path,
        {
            "redeemables_limit": 20,
            "joint_categories": [category.pk],
            LIST: {category.pk: 3},
        },
    ).json()

    changed = management.put(
        f"{path}/{made['id']}",
        {"joint_categories": [other.pk], LIST: {}, "redeemables_sorting_rule": None},
    ).json()

    assert changed["redeemables_limit"] == 20
    assert changed["joint_categories"] == [other.pk]
    assert changed[LIST] == {}
    assert changed["id"] == made["id"]
    assert changed["created_at"] == made["created_at"]
    assert "updated_at" in changed
    assert management.get(path).json()["data"] == [changed]


def test_deleting_restores_the_defaults(management, path, project):
    made = management.post(path, {"redeemables_limit": 20}).json()

    gone = management.delete(f"{path}/{made['id']}")

    assert (gone.status_code, gone.content) == (204, b"")
    assert stored(project) == {}
    assert management.get(path).json()["data"] == [DEFAULTS]
    assert management.get(f"{path}/{made['id']}").status_code == 404
    assert management.post(path, {}).json()["id"] != made["id"]


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"redeemables_limit": 31}, ".redeemables_limit must be <= 30"),
        ({"redeemables_limit": "5"}, ".redeemables_limit must be integer"),
        (
            {"redeemables_limit": 4, "applicable_redeemables_limit": 5},
            ".applicable_redeemables_limit must be <= 4",
        ),
        ({LIST: {"cat_1": 11}}, f".{LIST}.cat_1 must be <= 10"),
        ({LIST: []}, f".{LIST} must be object"),
        ({"joint_categories": "cat_1"}, ".joint_categories must be array"),
        (
            {"redeemables_sorting_rule": "RANDOM"},
            (
                ".redeemables_sorting_rule must be equal to one of the allowed values "
                "[ REQUESTED_ORDER, CATEGORY_HIERARCHY ]"
            ),
        ),
    ],
)
def test_a_wrong_value_is_named_and_changes_nothing(
    management, path, project, body, details
):
    made = management.post(path, {"redeemables_limit": 20}).json()

    refused = management.put(f"{path}/{made['id']}", body)

    assert refused.status_code == 400
    assert refused.json()["key"] == "invalid_payload"
    assert refused.json()["details"] == f"Property {details}"
    assert stored(project) == {"redeemables_limit": 20}


@pytest.mark.parametrize(
    "body",
    [
        {"exclusive_categories": ["cat_" + NOBODY]},
        {"no_effect_skip_categories": ["shoes"]},
        {LIST: {"cat_" + NOBODY: 2}},
    ],
)
def test_a_category_that_does_not_exist_is_not_found(management, path, project, body):
    refused = management.post(path, body)

    assert refused.status_code == 404
    assert refused.json()["resource_type"] == "category"
    assert stored(project) == {}


def test_another_projects_category_does_not_exist(management, path, project):
    theirs = CategoryFactory(project=ProjectFactory())

    refused = management.post(path, {"joint_categories": [theirs.pk]})

    assert refused.json()["resource_id"] == theirs.pk
    assert stored(project) == {}


@pytest.mark.parametrize("reference", ["stk_" + NOBODY, "stk_1", "x"])
@pytest.mark.parametrize("verb", ["get", "put", "delete"])
def test_rules_of_another_id_are_not_found(management, path, project, verb, reference):
    management.post(path, {"redeemables_limit": 20})

    refused = getattr(management, verb)(f"{path}/{reference}")

    body = refused.json()
    assert refused.status_code == 404
    assert body["details"] == f"Cannot find stacking_rules with id {reference}"
    assert body["resource_type"] == "stacking_rules"
    assert stored(project) == {"redeemables_limit": 20}


def test_defaults_can_be_neither_changed_nor_deleted(management, path, project):
    for reference in ("None", "stk_" + NOBODY):
        assert management.put(f"{path}/{reference}", {}).status_code == 404
        assert management.delete(f"{path}/{reference}").status_code == 404
    assert stored(project) == {}


def test_a_project_of_another_organisation_does_not_exist(management, other_project):
    path = f"/management/v1/projects/{other_project.pk}/stacking-rules"

    for response in (management.get(path), management.post(path, {})):
        assert response.status_code == 404
        assert response.json()["resource_type"] == "project"
    assert not Project.objects.get(pk=other_project.pk).stacking_rules_id


def test_another_project_of_the_organisation_is_reached(management, project):
    sister = ProjectFactory(organisation=project.organisation)
    path = f"/management/v1/projects/{sister.pk}/stacking-rules"

    assert management.post(path, {"redeemables_limit": 20}).status_code == 200
    assert stored(sister) == {"redeemables_limit": 20}
    assert stored(project) == {}


def test_server_keys_do_not_manage(api, path):
    assert api.get(path).status_code == 401


def test_a_deleted_category_leaves_every_rule_that_names_it(
    management, path, project, category
):
    other = CategoryFactory(project=project)
    both = [category.pk, other.pk]
    management.post(
        path,
        {
            "exclusive_categories": both,
            "no_effect_skip_categories": both,
            "initial_amount_mode_categories": both,
            LIST: {category.pk: 2, other.pk: 3},
        },
    )
    api = server_client(project)

    refused = api.delete(f"/v1/categories/{category.pk}")
    kept = Category.objects.filter(pk=category.pk).exists()
    gone = api.delete(f"/v1/categories/{category.pk}?remove_from_stacking_rules=true")

    assert (refused.status_code, refused.json()["key"]) == (400, "resource_in_use")
    assert refused.json()["related_object_ids"] == [stored_id(project)]
    assert kept
    assert gone.status_code == 204
    assert stored(project) == {
        "exclusive_categories": [other.pk],
        "no_effect_skip_categories": [other.pk],
        "initial_amount_mode_categories": [other.pk],
        LIST: {other.pk: 3},
    }


def stored_id(project):
    return Project.objects.get(pk=project.pk).stacking_rules_id


def test_a_management_key_of_another_team_sees_nothing(other_project, path):
    assert management_client(other_project).get(path).status_code == 404


def test_what_is_no_id_of_a_project_is_not_found(management):
    response = management.get("/management/v1/projects/shop/stacking-rules")

    assert (response.status_code, response.json()["resource_id"]) == (404, "shop")
