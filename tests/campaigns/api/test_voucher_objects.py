"""Vouchers by arrays of objects, with a campaign or without."""

import pytest

from campaigns.models import Category
from promo.clock import utc_now
from tests.factories.campaigns import (
    CampaignFactory,
    VoucherFactory,
)
from tests.factories.metadata import define
from tests.fixtures.imports import OBJECTS, drift, into, reasons
from tests.fixtures.rows import run
from tests.outbox import events_of

pytestmark = pytest.mark.django_db
ARRAY = [
    {
        "code": "AMOUNT",
        "category": "new customer acquisition",
        "type": "DISCOUNT_VOUCHER",
        "active": True,
        "discount": {"amount_off": 3000, "type": "AMOUNT"},
        "start_date": "2020-12-01T23:00:00Z",
        "expiration_date": "2023-12-19T23:00:00Z",
        "redemption": {"quantity": 2, "redeemed_quantity": 1},
        "metadata": {"unit": "EUR"},
        "additional_info": "secret",
        "unknown": {"is": "passed over"},
    },
    {"code": "CARD", "gift": {"amount": 10_000}, "redemption": {"redeemed_amount": 1}},
    {
        "code": "ITEMS",
        "discount": {
            "type": "AMOUNT",
            "amount_off": 30,
            "effect": "APPLY_TO_ITEMS_PROPORTIONALLY",
        },
    },
]


def test_an_array_of_vouchers_without_a_campaign(api, project):
    answer = api.post(OBJECTS, ARRAY)
    action = run(answer)

    assert answer.status_code == 202
    assert action.type == "VOUCHERS.IMPORT"
    assert action.result == {
        "message": "3 voucher(s) imported successfully, 0 failed.",
        "failed": [],
        "done_count": 3,
        "failed_count": 0,
    }
    coupon = api.get("/v1/vouchers/AMOUNT").json()
    assert coupon["discount"] == {"type": "AMOUNT", "amount_off": 3000}
    assert coupon["category"] == "new customer acquisition"
    assert coupon["redemption"]["quantity"] == 2
    assert coupon["redemption"]["redeemed_quantity"] == 1
    assert coupon["metadata"] == {"unit": "EUR"}
    assert coupon["additional_info"] == "secret"
    assert project.vouchers.get(code="CARD").balance == 9999
    assert events_of(project) == []
    assert drift() == []


def test_objects_that_cannot_be_taken_keep_no_other_out(api, project):
    define(project, "voucher", size={"type": "number", "array": False})
    action = run(
        api.post(
            OBJECTS,
            [
                {"code": "GOOD", "gift": {"amount": 1}, "metadata": {"size": 1}},
                {"code": "META", "gift": {"amount": 1}, "metadata": {"size": "big"}},
                {"code": "BARE"},
                {"code": "NONE", "discount": {"type": "PERCENT"}},
                {"code": " x", "gift": {"amount": 1}},
                {"code": "CAT", "gift": {"amount": 1}, "category": "x" * 256},
                {"code": "ID", "gift": {"amount": 1}, "category": f"cat_{0:032}"},
                {
                    "code": "ZERO",
                    "gift": {"amount": 1},
                    "redemption": {"quantity": 0},
                },
            ],
        )
    )

    assert reasons(action) == {
        "META": "size: must be a number (actual value is 'big')",
        "BARE": "Property 'discount' is required for DISCOUNT_VOUCHER",
        "NONE": "Property .discount should have required property 'percent_off'",
        " x": "Property .code must not have control characters, or spaces at its ends",
        "CAT": "Property .category must have between 1 and 255 characters",
        "ID": f"Cannot find category with id cat_{0:032}",
        "ZERO": "Property .redemption.quantity must be >= 1",
    }
    assert all("row" not in one for one in action.result["failed"])
    assert [one.code for one in project.vouchers.all()] == ["GOOD"]
    assert not Category.objects.exists()


@pytest.mark.parametrize("campaign", [False, True])
@pytest.mark.parametrize(
    ("body", "key", "message", "details"),
    [
        (
            [{"code": "A"}, {"active": True}, {"code": ""}, {"code": None}],
            "invalid_voucher",
            "Invalid Voucher",
            "Found 3 voucher(s) without 'code' value",
        ),
        (
            [{"code": "A"}, {"code": "A"}, {"code": "THERE"}, {"code": "A"}],
            "duplicate_key",
            "Duplicate codes",
            "2 voucher codes(s) already exist.",
        ),
        (
            [{"code": "BINNED"}],
            "duplicate_key",
            "Duplicate codes",
            "1 voucher codes(s) already exist.",
        ),
        ({"code": "A"}, "invalid_payload", "Invalid payload", "Payload must be array"),
        ({}, "invalid_payload", "Invalid payload", "Payload must be array"),
        (
            ["A"],
            "invalid_payload",
            "Invalid payload",
            "Property [0] must be object",
        ),
        (
            [{"code": "A"}, {"code": 1}],
            "invalid_payload",
            "Invalid payload",
            "Property [1].code must be string",
        ),
        (
            [{"code": "A", "redemption": {"quantity": "1"}}],
            "invalid_payload",
            "Invalid payload",
            "Property [0].redemption.quantity must be integer",
        ),
        (
            [{"code": "A", "start_date": "soon"}],
            "invalid_payload",
            "Invalid payload",
            "Property [0].start_date cannot be recognized as a ISO-8601 compliant date",
        ),
    ],
)
def test_an_array_that_cannot_be_is_refused_at_once(
    api, project, *, campaign, body, key, message, details
):
    VoucherFactory(project=project, code="THERE")
    VoucherFactory(project=project, code="BINNED", deleted_at=utc_now())
    path = into(CampaignFactory(project=project), "") if campaign else OBJECTS

    answer = api.post(path, body)

    assert answer.status_code == 400
    assert answer.json()["key"] == key
    assert (answer.json()["message"], answer.json()["details"]) == (message, details)
    assert not project.async_actions.exists()
    assert project.vouchers.count() == 2


def test_an_empty_array_is_work_on_nothing(api):
    answer = api.post(OBJECTS, b"[]")

    assert answer.status_code == 202
    assert run(answer).result["done_count"] == 0
