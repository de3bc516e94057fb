"""Metadata for many codes at once."""

import pytest

from campaigns.models import Voucher
from promo.clock import utc_now
from promo.jobs.models import ReportRow
from promo.outbox.models import DomainEvent
from promo.tenancy.access_scope import Place
from tests.factories.areas import AreaFactory, put, restricted_client
from tests.factories.campaigns import (
    CampaignFactory,
    VoucherFactory,
)
from tests.factories.metadata import define
from tests.factories.tenancy import ProjectFactory
from tests.fixtures.api import server_client
from tests.fixtures.rows import run
from tests.outbox import events_of

pytestmark = pytest.mark.django_db


def test_metadata_by_code(api, project):
    VoucherFactory(project=project, code="A", metadata={"a": 1})
    VoucherFactory(project=project, code="B", metadata={"b": 1})
    VoucherFactory(project=ProjectFactory(), code="THEIRS")

    answer = api.post(
        "/v1/vouchers/bulk/async",
        [
            {"code": "A", "metadata": {"x": 1}},
            {"code": "A", "metadata": {"x": 2, "y": None}},
            {"code": "B", "metadata": {"b": 1}},
            {"code": "THEIRS", "metadata": {"x": 1}},
        ],
    )
    action = run(answer)

    unknown = "Cannot find voucher with id THEIRS"
    assert answer.status_code == 202
    assert action.type == "VOUCHERS.BULK_UPDATE"
    assert action.result == {
        "errors": [
            {
                "message": unknown,
                "details": unknown,
                "key": "not_found",
                "code": "THEIRS",
            }
        ],
        "done_count": 3,
        "failed_count": 1,
    }
    assert dict(project.vouchers.values_list("code", "metadata")) == {
        "A": {"a": 1, "x": 2, "y": None},
        "B": {"b": 1},
    }
    assert list(
        ReportRow.objects.values_list("number", "name", "found", "updated", "error_key")
    ) == [
        (1, "A", True, True, ""),
        (2, "A", True, True, ""),
        (3, "B", True, True, ""),
        (4, "THEIRS", False, False, "not_found"),
    ]
    assert events_of(project) == ["voucher.updated"]
    assert project.vouchers.get(code="B").updated_at is None
    assert Voucher.objects.count() == 3


def test_the_same_metadata_for_many_codes(api, project):
    define(project, "voucher", size={"type": "number", "array": False})
    campaign = CampaignFactory(project=project)
    VoucherFactory(campaign=campaign, code="A", metadata={"a": 1})
    VoucherFactory(campaign=campaign, code="OFF", deleted_at=utc_now())

    def send(metadata):
        body = {"codes": ["A", "OFF"], "metadata": metadata}
        return run(api.post("/v1/vouchers/metadata/async", body))

    done, refused = send({"size": 1}), send({"size": "big"})

    assert (done.result["done_count"], done.result["failed_count"]) == (1, 1)
    assert refused.result["done_count"] == 0
    assert [one["key"] for one in refused.result["errors"]] == [
        "metadata_validation_failed",
        "not_found",
    ]
    assert Voucher.objects.get(code="A").metadata == {"a": 1, "size": 1}
    assert Voucher.objects.get(code="OFF").metadata == {}
    (told,) = DomainEvent.objects.all()
    assert told.payload["campaign"]["id"] == campaign.pk


def test_a_restricted_caller_changes_codes_of_his_own_campaigns(project):
    area, other = AreaFactory.create_batch(2, project=project)
    mine = put(CampaignFactory(project=project), Place(area.pk))
    shared = put(CampaignFactory(project=project), Place(area.pk), Place(other.pk))
    VoucherFactory(campaign=mine, code="MINE")
    hidden = VoucherFactory(campaign=shared, code="SHARED")
    lone = VoucherFactory(project=project, code="LONE")
    caller = restricted_client(project, Place(area.pk))

    body = {"codes": ["MINE", "SHARED", "LONE"], "metadata": {"x": 1}}
    action = run(caller.post("/v1/vouchers/metadata/async", body))

    assert [(one["code"], one["details"]) for one in action.result["errors"]] == [
        (
            one.code,
            f"Resource voucher with id {one.pk} is not accessible in given context",
        )
        for one in (hidden, lone)
    ]
    assert dict(Voucher.objects.values_list("code", "metadata")) == {
        "MINE": {"x": 1},
        "SHARED": {},
        "LONE": {},
    }


@pytest.mark.parametrize("path", ["bulk/async", "metadata/async"])
@pytest.mark.parametrize("body", [None, b"{}", b"[]"])
def test_work_on_nothing_is_done(api, path, body):
    answer = api.post(f"/v1/vouchers/{path}", body)

    assert answer.status_code == 202
    assert run(answer).result == {"errors": [], "done_count": 0, "failed_count": 0}


@pytest.mark.parametrize(
    ("path", "body", "details"),
    [
        ("bulk", {"code": "A"}, "Payload must be array"),
        (
            "bulk",
            [{"code": "A"}],
            "Property [0] should have required property 'metadata'",
        ),
        (
            "bulk",
            [{"code": "A", "metadata": 1}],
            "Property [0].metadata must be object",
        ),
        ("metadata", {"codes": "A", "metadata": {}}, "Property .codes must be array"),
        (
            "metadata",
            {"codes": ["A"]},
            "Payload must have required property 'metadata'",
        ),
        (
            "metadata",
            {"codes": [1], "metadata": {}},
            "Property .codes[0] must be string",
        ),
        ("metadata", ["A"], "Payload must be object"),
    ],
)
def test_metadata_of_another_shape_are_refused(api, project, path, body, details):
    answer = api.post(f"/v1/vouchers/{path}/async", body)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"] == details
    assert not project.async_actions.exists()


@pytest.mark.parametrize(
    "path",
    [
        "vouchers/import",
        "vouchers/importCSV",
        "vouchers/bulk/async",
        "vouchers/metadata/async",
        "campaigns/x/import",
        "campaigns/x/importCSV",
    ],
)
def test_a_role_that_only_reads_is_refused(project, path):
    answer = server_client(project, role="VIEWER").post(f"/v1/{path}", b"[]")

    assert answer.status_code == 403
    assert answer.json()["key"] == "missing_required_permission"
    assert not project.async_actions.exists()
