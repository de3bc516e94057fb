from datetime import timedelta
from typing import Any

import pytest

from promo.jobs.models import ActionStatus, AsyncAction
from promo.tenancy.models import Project
from tests.admin_site import rows_of, sign_in
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient, server_client
from tests.fixtures.calls import CallLog

pytestmark = pytest.mark.django_db


def make(project: Project, **values: Any) -> AsyncAction:
    values = {"type": "CAMPAIGN.VOUCHERS_GENERATE", "created_at": NOW} | values
    return AsyncAction.objects.create(project=project, request_id="v-1", **values)


def test_a_waiting_action_shows_what_is_known(api: ApiClient) -> None:
    action = make(api.project)

    response = api.get(f"/v1/async-actions/{action.pk}")

    assert response.json() == {
        "id": action.pk,
        "type": "CAMPAIGN.VOUCHERS_GENERATE",
        "status": "ENQUEUED",
        "operation_status": "UNKNOWN",
        "created_at": "2026-03-10T12:00:00.000Z",
        "updated_at": "2026-03-10T12:00:00.000Z",
        "request_id": "v-1",
        "processing_time": 0,
        "progress": 0,
        "result": {},
        "log_id": None,
        "object": "async_action",
    }


def test_an_action_names_the_call_that_asked_for_it(
    api: ApiClient, other_project: Project, call_log: CallLog
) -> None:
    server_client(other_project).get("/v1/products")
    answer = api.post(
        "/v1/products/metadata/async", {"source_ids": ["cup"], "metadata": {}}
    )
    call = call_log.last()

    shown = api.get(f"/v1/async-actions/{answer.json()['async_action_id']}").json()

    assert call.endpoint == "POST_v1_products_metadata_async"
    assert (shown["log_id"], shown["request_id"]) == (call.pk, call.request_id)


@pytest.mark.parametrize(
    ("status", "result", "outcome"),
    [
        ("DONE", {"done_count": 2}, "SUCCESS"),
        ("DONE", {"done_count": 1, "failed_count": 3}, "SUCCESS"),
        ("DONE", {"done_count": 0, "failed_count": 3}, "FAILED"),
        ("FAILED", {"error": {}}, "FAILED"),
    ],
)
def test_a_finished_action_tells_how_it_ended(
    api: ApiClient, status: str, result: dict[str, Any], outcome: str
) -> None:
    ended = NOW + timedelta(seconds=2)
    action = make(
        api.project, status=status, result=result, stepped_at=ended, finished_at=ended
    )

    shown = api.get(f"/v1/async-actions/{action.pk}").json()

    assert (shown["status"], shown["operation_status"]) == (status, outcome)
    assert (shown["progress"], shown["processing_time"]) == (100, 2000)


def test_a_running_action_shows_its_progress(api: ApiClient) -> None:
    action = make(
        api.project,
        status=ActionStatus.IN_PROGRESS,
        progress={"done": 1, "total": 3},
    )

    assert api.get(f"/v1/async-actions/{action.pk}").json()["progress"] == 33


def test_actions_are_listed_newest_first_without_their_results(
    api: ApiClient, other_project: Project
) -> None:
    first = make(api.project, result={"done_count": 1})
    second = make(api.project, created_at=NOW + timedelta(hours=1))
    make(other_project)

    listed = api.get("/v1/async-actions", {"limit": "1"}).json()
    earlier = api.get(
        "/v1/async-actions", {"end_date": listed["async_actions"][0]["created_at"]}
    ).json()

    assert [one["id"] for one in listed["async_actions"]] == [second.pk]
    assert listed["has_more"] is True
    assert [one["id"] for one in earlier["async_actions"]] == [first.pk]
    assert "result" not in earlier["async_actions"][0]
    assert earlier["has_more"] is False


def test_a_bad_date_is_refused(api: ApiClient) -> None:
    response = api.get("/v1/async-actions", {"end_date": "yesterday"})

    body = response.json()
    assert (response.status_code, body["key"]) == (400, "invalid_query_params")
    assert body["details"] == (
        "Property .end_date cannot be recognized as a ISO-8601 compliant date"
    )


@pytest.mark.parametrize("reference", ["aa_" + "f" * 32, "nonsense"])
def test_an_unknown_action_is_not_found(api: ApiClient, reference: str) -> None:
    response = api.get(f"/v1/async-actions/{reference}")

    body = response.json()
    assert (response.status_code, body["resource_type"]) == (404, "async_action")


def test_another_projects_action_does_not_exist(
    api: ApiClient, other_project: Project
) -> None:
    action = make(other_project)

    assert api.get(f"/v1/async-actions/{action.pk}").status_code == 404


def test_parts_of_an_action_are_shown_to_nobody(api: ApiClient) -> None:
    action = make(api.project)
    part = make(api.project, parent=action)

    listed = api.get("/v1/async-actions").json()["async_actions"]

    assert [one["id"] for one in listed] == [action.pk]
    assert api.get(f"/v1/async-actions/{part.pk}").status_code == 404
    assert rows_of(sign_in(api.project, "ADMIN").list(AsyncAction)) == [action]
