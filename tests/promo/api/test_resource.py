from typing import Any

import pytest

from promo.clock import utc_now
from promo.tenancy.models import ApiKey, Project
from tests.contract.resource import ResourceContract
from tests.fixtures.api import ApiClient, server_client
from tests.promo.api.shelf import create_key

pytestmark = [pytest.mark.urls("tests.promo.api.shelf"), pytest.mark.django_db]


def keys(project: Project, *names: str) -> list[ApiKey]:
    return [create_key(project=project, now=utc_now(), name=name) for name in names]


class TestShelf(ResourceContract):
    path, resource_type = "/v1/shelf", "key"
    id_prefix, list_key = "key_", "keys"
    valid_body = {"name": "Till"}
    update_body = {"name": "Kiosk"}
    required = ("name",)
    wrong = (
        ({"name": 1}, "Property .name must be string"),
        ({"name": None}, "Property .name must be string"),
        (
            {"parts": [{"sku": "a"}, {}]},
            "Property .parts[1] should have required property 'sku'",
        ),
        (
            {"parts": [{"sku": "a", "quantity": "1"}]},
            "Property .parts[0].quantity must be integer",
        ),
    )
    last_page = 99

    def make(self, project: Project, count: int) -> list[ApiKey]:
        start = project.keys.count()
        return keys(project, *(f"Key {start + n}" for n in range(count)))


def test_a_name_with_a_slash_names_the_thing_when_it_is_encoded(api: ApiClient) -> None:
    (key,) = keys(api.project, "a/b %2F")

    response = api.get("/v1/shelf/a%2Fb%20%252F")

    assert response.json()["id"] == key.pk


def test_a_trailing_slash_is_the_same_address(api: ApiClient) -> None:
    assert api.get("/v1/shelf/").status_code == 200
    assert api.post("/v1/shelf/", {"name": "Till"}).status_code == 200


def test_a_command_runs_and_answers_the_thing(api: ApiClient) -> None:
    (key,) = keys(api.project, "Till")

    response = api.post(f"/v1/shelf/{key.pk}/block")

    assert response.status_code == 200
    assert response.json()["blocked_at"].endswith("Z")


def test_a_command_that_does_not_exist_is_no_route(api: ApiClient) -> None:
    (key,) = keys(api.project, "Till")

    response = api.post(f"/v1/shelf/{key.pk}/burn")

    assert response.status_code == 404
    assert "resource_id" not in response.json()


def test_a_verb_without_an_operation_answers_405(api: ApiClient) -> None:
    response = api.post("/v1/dated", {"name": "Till"})

    assert response.status_code == 405
    assert "POST" not in response.headers["Allow"]


def test_a_viewer_reads_but_does_not_write(project: Project) -> None:
    viewer = server_client(project, role="VIEWER")
    (key,) = keys(project, "Till")

    responses = [
        viewer.post("/v1/shelf", {"name": "New"}),
        viewer.put(f"/v1/shelf/{key.pk}", {"name": "New"}),
        viewer.delete(f"/v1/shelf/{key.pk}"),
        viewer.post(f"/v1/shelf/{key.pk}/block"),
    ]

    assert viewer.get("/v1/shelf").status_code == 200
    assert {r.status_code for r in responses} == {403}
    assert {r.json()["key"] for r in responses} == {"missing_required_permission"}
    assert list(project.keys.exclude(name="").values_list("name")) == [("Till",)]


def test_updating_leaves_what_is_not_sent_and_clears_what_is_null(
    api: ApiClient,
) -> None:
    (key,) = keys(api.project, "Till")
    api.post(f"/v1/shelf/{key.pk}/block")

    response = api.put(f"/v1/shelf/{key.pk}", {"blocked_at": None})

    assert response.json()["name"] == "Till"
    assert "blocked_at" not in response.json()


def test_null_for_an_optional_field_of_a_create_is_not_sent(api: ApiClient) -> None:
    body = {"name": "Till", "role": None, "parts": None, "metadata": None, "x": 1}

    response = api.post("/v1/shelf", body)

    assert response.status_code == 200
    assert response.json()["role"] == "ADMIN"


def test_a_duplicate_answers_409_and_names_the_thing(api: ApiClient) -> None:
    keys(api.project, "Till")

    response = api.post("/v1/shelf", {"name": "Till"})

    assert response.status_code == 409
    assert response.json() == {
        "code": 409,
        "key": "duplicate_found",
        "message": "Duplicated resource found",
        "details": "Duplicated key exists with name Till",
        "request_id": response.headers["X-Request-Id"],
        "resource_id": "Till",
        "resource_type": "key",
    }


def names(api: ApiClient, **query: Any) -> list[str]:
    response = api.get("/v1/shelf", query)
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["keys"]]


def test_the_list_is_ordered_as_asked(api: ApiClient) -> None:
    keys(api.project, "b", "a", "c")

    assert names(api, order="name") == ["a", "b", "c"]
    assert names(api, order="-name") == ["c", "b", "a"]
    assert names(api) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"filters[name][conditions][$in][0]": "a"}, ["a"]),
        ({"filters[name][conditions][$in]": "['a', 'b']"}, ["b", "a"]),
        ({"filters[name][conditions][$is_not]": "a"}, ["b", "Ab"]),
        ({"filters[name][conditions][$contains]": "b"}, ["b", "Ab"]),
        ({"filters[name][conditions][$not_contain]": "b"}, ["a"]),
        ({"filters[name][conditions][$starts_with]": "A"}, ["Ab"]),
        ({"filters[role][conditions][$is]": "admin"}, ["b", "a", "Ab"]),
        ({"filters[state][conditions][$enabled]": "false"}, ["a"]),
        ({"filters[id][conditions][$is]": "nonsense"}, []),
        ({"filters[sandbox][conditions][$is]": "true"}, []),
        ({"filters[rules.deep.key][conditions][$is]": "x"}, ["b", "a", "Ab"]),
        ({"filters[rules.deep.key][conditions][$is_not]": "y"}, ["b", "a", "Ab"]),
        ({"filters[rules.tags][conditions][$in][0]": "red"}, ["b", "a", "Ab"]),
        ({"filters[rules.none][conditions][$has_value]": ""}, []),
        ({"filters[rules.none][conditions][$not_in]": "x"}, ["b", "a", "Ab"]),
        ({"filters[created_at][conditions][$more_than]": "1"}, []),
        ({"filters[created_at][conditions][$less_than]": "1"}, ["b", "a", "Ab"]),
        ({"created_at[before]": "2020-01-01"}, []),
        ({"[created_at][after]": "2020-01-01"}, ["b", "a", "Ab"]),
        ({"start_date": "2020-01-01T00:00:00+02:00"}, ["b", "a", "Ab"]),
        ({"end_date": "2020-01-01"}, []),
        ({"name": "a"}, ["a"]),
        (
            {
                "filters[name][conditions][$is]": "a",
                "filters[role][conditions][$is]": "x",
                "filters[junction]": "OR",
            },
            ["a"],
        ),
    ],
)
def test_the_list_is_narrowed_as_asked(
    api: ApiClient, query: dict[str, str], found: list[str]
) -> None:
    first = keys(api.project, "Ab", "a", "b")
    Project.objects.filter(pk=api.project.pk).update(
        stacking_rules={"deep": {"key": "x"}, "tags": ["red", "blue"]}
    )
    ApiKey.objects.filter(pk=first[1].pk).update(blocked_at=utc_now())

    assert names(api, **query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"filters[name][conditions][$after]": "2020-01-01"},
        {"filters[created_at][conditions][$after]": "2020-02-30"},
        {"filters[created_at][conditions][$more_than]": "x"},
        {"filters[created_at][conditions][$more_than]": "99999999999"},
        {"filters[sandbox][conditions][$is]": "perhaps"},
        {"filters[name]": "a"},
        {"created_at[before]": "yesterday"},
        {"start_date": "2020-13-01"},
        {"order": "role"},
        {"page": "100"},
        {"page": "-1"},
        {"page": "٣"},
    ],
)
def test_a_query_out_of_shape_is_refused(api: ApiClient, query: dict[str, str]) -> None:
    response = api.get("/v1/shelf", query)

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_query_params"


def test_a_date_cursor_goes_on_behind_the_date(api: ApiClient) -> None:
    keys(api.project, "a", "b", "c")
    first = api.get("/v1/dated", {"limit": "2"}).json()

    cursor = first["keys"][-1]["created_at"]
    rest = api.get("/v1/dated", {"starting_after": "2200-01-01T00:00:00Z"}).json()

    assert [row["name"] for row in first["keys"]] == ["c", "b"]
    assert first["has_more"] is True
    assert cursor.endswith("Z")
    assert [row["name"] for row in rest["keys"]] == ["c", "b", "a"]
    assert rest["has_more"] is False
    assert rest["total"] == 3


def test_an_id_cursor_walks_the_list_once(api: ApiClient) -> None:
    made = keys(api.project, *"abcde")
    ApiKey.objects.filter(pk__in=[made[1].pk, made[3].pk]).update(blocked_at=utc_now())
    for order in ("-id", "id", "blocked_at", "-blocked_at"):
        seen, query = [], {"limit": "2", "order": order}
        while True:
            page = api.get("/v1/cursor", query).json()
            seen += [row["name"] for row in page["keys"]]
            if not page["has_more"]:
                break
            query["starting_after_id"] = page["more_starting_after"]
        assert sorted(seen) == list("abcde"), order


def test_an_unknown_id_cursor_is_not_found(api: ApiClient) -> None:
    for cursor in ("nonsense", "key_" + "f" * 32):
        response = api.get("/v1/cursor", {"starting_after_id": cursor})

        assert response.status_code == 404
        assert response.json()["resource_id"] == cursor
