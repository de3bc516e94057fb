"""What every resource promises; inherit, name the resource, and it is tested.

class TestCampaigns(ResourceContract):
    path, resource_type = "/v1/campaigns", "campaign"
    id_prefix, list_key = "camp_", "campaigns"
    valid_body = {"name": "Spring", "campaign_type": "DISCOUNT_COUPONS"}

    def make(self, project, count): ...
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from promo.tenancy.models import Project
from tests.fixtures.api import ApiClient

NOBODY = "f" * 32


class ResourceContract:
    """Inherited tests; a verb that a resource lacks is left out of ``verbs``."""

    __test__: ClassVar[bool] = False
    path: ClassVar[str]
    resource_type: ClassVar[str]
    id_prefix: ClassVar[str]
    list_key: ClassVar[str] = "data"
    #: What ``object`` says; None where the resource has no such field.
    object_name: ClassVar[str | None] = None
    verbs: ClassVar[frozenset[str]] = frozenset({"create", "update", "delete"})
    valid_body: ClassVar[Mapping[str, Any]] = {}
    update_body: ClassVar[Mapping[str, Any]] = {}
    required: ClassVar[Sequence[str]] = ()
    #: Body with one wrong value → the sentence that names it.
    wrong: ClassVar[Sequence[tuple[Mapping[str, Any], str]]] = ()
    created_status: ClassVar[int] = 200
    last_page: ClassVar[int] = 100

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = "path" in cls.__dict__

    def make(self, project: Project, count: int) -> list[Any]:
        """Return ``count`` stored things of ``project``."""
        raise NotImplementedError

    def one(self, thing: Any) -> str:
        """Return the path of one thing."""
        return f"{self.path}/{thing.pk}"

    def need(self, verb: str) -> None:
        """Leave the test out where the resource lacks ``verb``."""
        if verb not in self.verbs:
            pytest.skip(f"{self.path} has no {verb}")

    def test_listing_gives_the_envelope_with_the_projects_things(
        self, api: ApiClient, other_project: Project
    ) -> None:
        mine = self.make(api.project, 2)
        self.make(other_project, 1)

        response = api.get(self.path)

        body = response.json()
        assert response.status_code == 200
        assert body["object"] == "list"
        assert body["data_ref"] == self.list_key
        shown = {row["id"] for row in body[self.list_key]}
        assert {thing.pk for thing in mine} <= shown
        assert body["total"] == len(shown)

    def test_listing_is_cut_into_pages(self, api: ApiClient) -> None:
        self.make(api.project, 3)

        first = api.get(self.path, {"limit": "2", "page": "1"}).json()
        second = api.get(self.path, {"limit": "2", "page": "2"}).json()

        ids = [row["id"] for row in first[self.list_key] + second[self.list_key]]
        assert len(first[self.list_key]) == 2
        assert len(set(ids)) == len(ids) >= 3
        assert first["total"] == second["total"]

    @pytest.mark.parametrize(
        ("name", "value"), [("limit", "101"), ("limit", "0"), ("limit", "x")]
    )
    def test_a_limit_out_of_range_is_refused(
        self, api: ApiClient, name: str, value: str
    ) -> None:
        response = api.get(self.path, {name: value})

        assert response.status_code == 400
        assert response.json()["key"] == "invalid_query_params"
        assert response.json()["details"].startswith(f"Property .{name} must be ")

    def test_a_page_beyond_the_last_one_is_refused(self, api: ApiClient) -> None:
        response = api.get(self.path, {"page": str(self.last_page + 1)})

        assert response.status_code == 400
        assert response.json()["key"] in {"invalid_query_params", "page_over_limit"}

    def test_listing_costs_the_same_for_one_row_as_for_twenty(
        self, api: ApiClient
    ) -> None:
        self.make(api.project, 1)
        for_one = self._queries(api, 1)
        self.make(api.project, 19)

        assert self._queries(api, 20) == for_one

    def _queries(self, api: ApiClient, at_least: int) -> int:
        api.get(self.path, {"limit": "100"})
        with CaptureQueriesContext(connection) as queries:
            response = api.get(self.path, {"limit": "100"})
        assert len(response.json()[self.list_key]) >= at_least
        return len(queries)

    def test_an_unknown_order_is_refused(self, api: ApiClient) -> None:
        response = api.get(self.path, {"order": "nonsense"})

        assert response.status_code == 400
        assert response.json()["key"] == "invalid_query_params"

    def test_an_unknown_filter_is_refused(self, api: ApiClient) -> None:
        response = api.get(self.path, {"filters[nonsense][conditions][$is]": "1"})

        assert response.status_code == 400
        assert response.json()["key"] == "invalid_query_params"

    def test_one_thing_is_read_by_its_id(self, api: ApiClient) -> None:
        (thing,) = self.make(api.project, 1)

        response = api.get(self.one(thing))

        assert response.status_code == 200
        assert response.json()["id"] == thing.pk
        assert response.json()["id"].startswith(self.id_prefix)
        if self.object_name is not None:
            assert response.json()["object"] == self.object_name

    def test_creating_answers_the_thing(self, api: ApiClient) -> None:
        self.need("create")

        response = api.post(self.path, dict(self.valid_body))

        assert response.status_code == self.created_status, response.content
        assert response.json()["id"].startswith(self.id_prefix)
        assert api.get(f"{self.path}/{response.json()['id']}").status_code == 200

    def test_creating_without_a_required_field_is_refused(self, api: ApiClient) -> None:
        self.need("create")
        for name in self.required:
            body = {k: v for k, v in self.valid_body.items() if k != name}

            response = api.post(self.path, body)

            details = f"Payload must have required property '{name}'"
            assert response.status_code == 400
            assert response.json()["key"] == "invalid_payload"
            assert response.json()["details"] == details

    def test_creating_with_a_wrong_value_names_it_and_stores_nothing(
        self, api: ApiClient
    ) -> None:
        self.need("create")
        before = api.get(self.path).json()["total"]
        for change, details in self.wrong:
            response = api.post(self.path, dict(self.valid_body) | dict(change))

            assert response.status_code == 400, response.content
            assert response.json()["details"] == details
        assert api.get(self.path).json()["total"] == before

    def test_updating_changes_what_is_sent(self, api: ApiClient) -> None:
        self.need("update")
        (thing,) = self.make(api.project, 1)

        response = api.put(self.one(thing), dict(self.update_body))

        assert response.status_code == 200, response.content
        shown = api.get(self.one(thing)).json()
        assert {name: shown[name] for name in self.update_body} == self.update_body

    def test_deleting_answers_204_and_the_thing_is_gone(self, api: ApiClient) -> None:
        self.need("delete")
        (thing,) = self.make(api.project, 1)

        response = api.delete(self.one(thing))

        assert response.status_code == 204
        assert response.content == b""
        assert api.get(self.one(thing)).status_code == 404

    @pytest.mark.parametrize("verb", ["read", "update", "delete"])
    def test_an_unknown_id_is_not_found_by_its_name(
        self, api: ApiClient, verb: str
    ) -> None:
        nobody = self.id_prefix + NOBODY

        response = self._ask(api, verb, f"{self.path}/{nobody}")

        body = response.json()
        assert response.status_code == 404
        assert body["key"] == "not_found"
        assert body["resource_id"] == nobody
        assert body["resource_type"] == self.resource_type

    @pytest.mark.parametrize("verb", ["read", "update", "delete"])
    def test_another_projects_thing_does_not_exist(
        self, api: ApiClient, other_project: Project, verb: str
    ) -> None:
        (thing,) = self.make(other_project, 1)

        response = self._ask(api, verb, self.one(thing))

        assert response.status_code == 404
        assert type(thing)._base_manager.filter(pk=thing.pk).exists()  # noqa: SLF001 - whatever the queryset hides

    def _ask(self, api: ApiClient, verb: str, path: str) -> Any:
        if verb == "read":
            return api.get(path)
        self.need(verb)
        if verb == "delete":
            return api.delete(path)
        return api.put(path, dict(self.update_body or self.valid_body))

    def test_a_verb_it_lacks_answers_405_naming_the_others(
        self, api: ApiClient
    ) -> None:
        response = api.request("PATCH", self.path, {})

        assert response.status_code == 405
        assert "GET" in response.headers["Allow"]
        assert response.json()["key"] == "method_not_allowed"

    def test_the_openapi_document_lists_it(self, api: ApiClient) -> None:
        schema = api.get("/api/schema?format=json").json()

        assert self.path in schema["paths"]
        assert get_resolver().resolve(self.path).func is not None
