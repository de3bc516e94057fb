"""What gift cards and loyalty cards start with."""

from typing import Any

import pytest

from campaigns.engine.cards import Gift, gift_json, parse_gift, parse_points
from campaigns.engine.discounts import Effect
from promo.errors import BadRequest, InvalidPayload

WORDS = {"key": "invalid_voucher", "message": "Invalid Voucher"}


@pytest.mark.spec("campaigns 11 Initial value")
@pytest.mark.spec("campaigns 11 Effect")
@pytest.mark.parametrize(
    ("body", "gift"),
    [
        ({"amount": 0}, Gift(0)),
        ({"amount": 500, "balance": 3}, Gift(500)),
        (
            {"amount": 500, "effect": "APPLY_TO_ITEMS"},
            Gift(500, Effect.APPLY_TO_ITEMS),
        ),
        (
            {"amount": 500, "effect": "APPLY_TO_ORDER"},
            Gift(500, Effect.APPLY_TO_ORDER),
        ),
    ],
)
def test_a_gift_is_read(body: dict[str, Any], gift: Gift) -> None:
    assert parse_gift(body, ".gift", **WORDS) == gift


@pytest.mark.parametrize(
    "stored", [{"amount": 500}, {"amount": 500, "effect": "APPLY_TO_ITEMS"}]
)
def test_a_stored_gift_reads_back_as_itself(stored: dict[str, Any]) -> None:
    assert gift_json(parse_gift(stored, ".gift", **WORDS)) == stored


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ([], "Property .gift must be object"),
        ({"amount": "5"}, "Property .gift.amount must be integer"),
        ({"amount": 1.5}, "Property .gift.amount must be integer"),
        ({"amount": -1}, "Property .gift.amount must be >= 0"),
        (
            {"amount": 5, "effect": "ADD_NEW_ITEMS"},
            (
                "Property .gift.effect must be equal to one of the allowed values "
                "[ APPLY_TO_ORDER, APPLY_TO_ITEMS ]"
            ),
        ),
    ],
)
def test_a_malformed_gift_is_refused_with_its_path(body: Any, details: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        parse_gift(body, ".gift", **WORDS)

    assert refused.value.details == details


def test_a_gift_without_its_amount_is_refused_with_the_callers_key() -> None:
    with pytest.raises(BadRequest) as refused:
        parse_gift({}, ".gift", **WORDS)

    assert refused.value.key == "invalid_voucher"
    assert (
        refused.value.details == "Property .gift should have required property 'amount'"
    )


def test_the_points_of_a_card_are_read() -> None:
    assert parse_points({"points": 300}, ".loyalty_card", **WORDS) == 300


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (
            {},
            "Property .loyalty_card should have required property 'points'",
        ),
        (
            {"points": 1, "expiration_rules": {"period_type": "MONTH"}},
            (
                "Property .loyalty_card.expiration_rules is not supported: no points "
                "expire"
            ),
        ),
    ],
)
def test_a_card_that_cannot_work_is_refused(body: Any, details: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_points(body, ".loyalty_card", **WORDS)

    assert (refused.value.key, refused.value.details) == ("invalid_voucher", details)
