"""What is counted, and under which names."""

from datetime import datetime
from typing import Any

import pytest

from promo.celery import app
from promo.errors import InvalidPayload
from promo.jobs.actions import enqueue, run_step
from promo.jobs.models import AsyncAction
from promo.outbox.events import Event, emit
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from tests.factories.campaigns import VoucherFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient
from tests.promo.metrics.counted import counted

pytestmark = pytest.mark.made_up_events

REQUESTS = "promo_request_seconds_count"
DECISIONS = "promo_decisions_total"
HERE = "tests.promo.metrics.test_counts"


def step(action: AsyncAction, *, now: datetime) -> bool:
    """Fail or end at once, as was asked for."""
    if action.arguments["fail"]:
        raise InvalidPayload("no")
    return True


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/v1/vouchers/SECRET-1", "/v1/vouchers/{reference}", "4xx"),
        ("GET", "/v1/vouchers/SECRET-2", "/v1/vouchers/{reference}", "4xx"),
        ("GET", "/v1/vouchers", "/v1/vouchers", "2xx"),
        ("GET", "/v1/nowhere/SECRET-3", "unknown", "4xx"),
        ("PATCH", "/v1/vouchers", "/v1/vouchers", "4xx"),
    ],
)
def test_a_request_is_counted_under_the_template_of_its_address(
    api: ApiClient, method: str, path: str, route: str, status: str
) -> None:
    labels = {"method": method, "route": route, "status": status}
    before = counted(REQUESTS, **labels)

    api.request(method, path)

    assert counted(REQUESTS, **labels) == before + 1


def test_a_method_that_nobody_knows_is_counted_as_another(api: ApiClient) -> None:
    labels = {"method": "other", "route": "/v1/vouchers", "status": "4xx"}
    before = counted(REQUESTS, **labels)

    api.request("SECRET", "/v1/vouchers")

    assert counted(REQUESTS, **labels) == before + 1


def test_a_defect_of_ours_is_counted(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("boom")

    labels = {"method": "GET", "route": "/v1/products", "status": "5xx"}
    before = counted(REQUESTS, **labels)
    monkeypatch.setattr("campaigns.api.products.ProductResource.list", broken)

    api.get("/v1/products")

    assert counted(REQUESTS, **labels) == before + 1


@pytest.mark.parametrize(
    ("code", "path", "labels"),
    [
        ("GOOD", "/v1/validations", ("validation", "accepted", "")),
        ("OFF", "/v1/validations", ("validation", "rejected", "voucher_disabled")),
        ("NONE", "/v1/validations", ("validation", "rejected", "not_found")),
        ("GOOD", "/v1/redemptions", ("redemption", "accepted", "")),
        ("OFF", "/v1/redemptions", ("redemption", "rejected", "voucher_disabled")),
    ],
)
def test_a_decision_is_counted_by_the_key_of_its_reason(
    api: ApiClient, code: str, path: str, labels: tuple[str, str, str]
) -> None:
    VoucherFactory(project=api.project, code="GOOD")
    VoucherFactory(project=api.project, code="OFF", active=False)
    named = dict(zip(("operation", "verdict", "reason"), labels, strict=True))
    before = counted(DECISIONS, **named)

    api.post(path, {"redeemables": [{"object": "voucher", "id": code}]})

    assert counted(DECISIONS, **named) == before + 1


@pytest.mark.django_db(transaction=True)
def test_the_relay_counts_the_events_that_it_handed_out(project: Project) -> None:
    emit(project, [Event(type="customer.created")] * 3, now=NOW)
    before = counted("promo_events_relayed_total")

    publish_batch(now=NOW)
    publish_batch(now=NOW)

    assert counted("promo_events_relayed_total") == before + 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("fails", "status"), [(False, "DONE"), (True, "FAILED")])
def test_work_that_has_ended_is_counted_by_how_it_did(
    project: Project,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    fails: bool,
    status: str,
) -> None:
    settings.ASYNC_ACTIONS = {"COUNT": f"{HERE}.step"}
    monkeypatch.setattr(app, "send_task", lambda *_: None)
    action = enqueue(project=project, kind="COUNT", arguments={"fail": fails}, now=NOW)
    before = counted("promo_jobs_ended_total", type="COUNT", status=status)

    run_step(action.pk, now=NOW)

    now = counted("promo_jobs_ended_total", type="COUNT", status=status)
    assert now == before + 1
