"""``/management/v1/projects/{projectId}/webhooks``."""

from typing import Any

import pytest

from promo.tenancy.models import Project
from tests.factories.tenancy import NOW, ProjectFactory
from tests.factories.webhooks import webhook
from tests.fixtures.api import ApiClient
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db
URL = "https://shop.example/hooks"
BODY = {"target_url": URL, "events": ["redemption.succeeded"]}


@pytest.fixture
def path(project: Project) -> str:
    return f"/management/v1/projects/{project.pk}/webhooks"


def test_a_webhook_is_created_and_read(management: ApiClient, path: str) -> None:
    made = management.post(path, BODY)

    assert made.status_code == 200
    shown = made.json()
    assert shown == {
        "id": Webhook.objects.get().pk,
        "object": "webhook",
        "created_at": shown["created_at"],
        "target_url": URL,
        "events": ["redemption.succeeded"],
        "active": True,
    }
    assert management.get(f"{path}/{shown['id']}").json() == shown
    assert management.get(path).json() == {
        "object": "list",
        "data_ref": "data",
        "data": [shown],
        "total": 1,
    }


def test_misspelled_events_are_taken_and_answered(
    management: ApiClient, path: str
) -> None:
    names = ["campaign.vouchers.aded", "customer.updated"]

    made = management.post(path, {**BODY, "events": names})

    assert made.json()["events"] == names


def test_an_update_replaces_the_events(
    management: ApiClient, path: str, project: Project
) -> None:
    hook = webhook(project, URL, headers={"x-shop": "7"})

    changed = management.put(
        f"{path}/{hook.pk}", {"events": ["voucher.created"], "active": False}
    )

    assert changed.status_code == 200
    assert changed.json()["events"] == ["voucher.created"]
    assert changed.json()["active"] is False
    assert changed.json()["headers"] == {"x-shop": "7"}
    assert changed.json()["target_url"] == URL


def test_a_webhook_is_deleted(
    management: ApiClient, path: str, project: Project
) -> None:
    hook = webhook(project, URL)

    assert management.delete(f"{path}/{hook.pk}").status_code == 204
    assert management.get(f"{path}/{hook.pk}").status_code == 404


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"target_url": None}, "Property .target_url must be string"),
        ({"target_url": "ftp://x.example"}, "Property .target_url must be an http"),
        ({"target_url": "http://127.0.0.1/"}, "Property .target_url must not lead to"),
        ({"target_url": "http://[::1]/"}, "Property .target_url must not lead to ::1"),
        ({"target_url": "http://0x7f.1/"}, "Property .target_url must have a host"),
        ({"events": []}, "Property .events"),
        ({"events": ["x"]}, "Property .events[0] must be the name of a project event"),
        (
            {"events": ["campaign.vouchers.added", "campaign.vouchers.aded"]},
            "Property .events must NOT name campaign.vouchers.added twice",
        ),
        ({"active": "yes"}, "Property .active"),
        ({"headers": {"Host": "x"}}, "Property .headers must NOT set host"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_changed(
    management: ApiClient,
    path: str,
    project: Project,
    change: dict[str, Any],
    details: str,
) -> None:
    hook = webhook(project, URL, "voucher.created")

    created = management.post(path, {**BODY, **change})
    updated = management.put(f"{path}/{hook.pk}", change)

    for answer in (created, updated):
        assert answer.status_code == 400, answer.content
        assert answer.json()["key"] == "invalid_payload"
        assert answer.json()["details"].startswith(details)
    hook.refresh_from_db()
    assert (hook.target_url, hook.events) == (URL, ["voucher.created"])
    assert hook.updated_at is None
    assert Webhook.objects.count() == 1


def test_another_projects_webhook_is_not_there(
    management: ApiClient, path: str
) -> None:
    theirs = webhook(ProjectFactory.create(), URL)

    for answer in (
        management.get(f"{path}/{theirs.pk}"),
        management.put(f"{path}/{theirs.pk}", BODY),
        management.delete(f"{path}/{theirs.pk}"),
        management.get(f"{path}/nonsense"),
    ):
        assert answer.status_code == 404
        assert answer.json()["resource_type"] == "webhook"
    theirs.refresh_from_db()
    assert theirs.created_at == NOW
