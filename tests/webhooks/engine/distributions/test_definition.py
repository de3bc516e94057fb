"""A distribution as a whole, read and checked."""

from typing import Any

import pytest

from promo.errors import InvalidPayload
from webhooks.engine.distributions.definition import Definition, parse_definition
from webhooks.engine.distributions.triggers import MANUAL_START

PAID, ADDED = "customer.order.paid", "customer.voucher.gift.balance_added"
ENTERED, CUSTOM = "customer.segment.entered", "customer.custom_event"
TOLD = (PAID, ADDED, ENTERED, CUSTOM, MANUAL_START)
PUBLISH = {"type": "PUBLISH_CODES", "campaign_id": "camp_1"}
NOTIFY = {"type": "NOTIFY_PROMOTION", "promotion_tier_id": "promo_1"}
MESSAGE = {"type": "MESSAGE"}


def automatic(**parts: Any) -> Definition:
    whole = {"trigger": {"type": PAID}, "action": MESSAGE, **parts}
    return parse_definition("AUTOMATIC", whole, event_types=TOLD)


def manual(**parts: Any) -> Definition:
    whole = {"audience": {"segment_id": "seg_1"}, "action": PUBLISH, **parts}
    return parse_definition("MANUAL", whole, event_types=TOLD)


def test_an_automatic_one_waits_for_its_trigger() -> None:
    found = automatic()

    assert found.trigger_type == PAID
    assert found == Definition(
        kind="AUTOMATIC", trigger={"type": PAID}, action={"type": "MESSAGE"}
    )


def test_a_manual_one_waits_for_its_start() -> None:
    found = manual()

    assert found.trigger_type == MANUAL_START
    assert found.audience == {"segment_id": "seg_1"}
    assert found.action == PUBLISH


def test_everything_that_is_said_is_kept() -> None:
    found = automatic(
        trigger={"type": ENTERED, "segment_id": "seg_1", "include_existing": True},
        action=NOTIFY,
        conditions={"segment_id": "seg_2", "validation_rule_id": "val_1"},
        delay={"type": "AFTER", "value": 1, "unit": "DAY"},
        cancel_if={
            "left_segment_id": "seg_1",
            "entered_segment_id": "seg_3",
            "happens": CUSTOM,
            "event": "signed_up",
        },
        limits={"max_total": 5, "per_day": 1, "max_per_customer": None},
    )

    assert found.trigger["include_existing"] is True
    assert found.action == NOTIFY
    assert found.conditions == {"segment_id": "seg_2", "validation_rule_id": "val_1"}
    assert found.delay["from"] == "EVENT"
    assert found.cancel_if["event"] == "signed_up"
    assert found.limits == {"max_total": 5, "per_day": 1}


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"trigger": "paid"}, ".trigger must be object"),
        ({"audience": {"customer_id": "cust_1"}}, ".audience is for manual distribut"),
        ({"conditions": {"order": "x"}}, ".conditions.order is not known here"),
        ({"action": {}}, ".action.type must be equal to one of the allowed values"),
        ({"action": {"type": "PUBLISH_CODES"}}, ".action.campaign_id must be string"),
        ({"action": {**MESSAGE, "campaign_id": "c"}}, ".action.campaign_id is not kn"),
        (
            {"trigger": {"type": ADDED}, "action": PUBLISH},
            f".action.type must be MESSAGE for {ADDED}",
        ),
        ({"cancel_if": {"happens": "nothing"}}, ".cancel_if.happens must be equal to"),
        (
            {"cancel_if": {"happens": PAID, "event": "x"}},
            f".cancel_if.event goes with happens {CUSTOM} only",
        ),
        ({"limits": {"max_total": 0}}, ".limits.max_total must be >= 1"),
        ({"limits": {"max_total": "1"}}, ".limits.max_total must be integer"),
        ({"limits": {"per_week": 1}}, ".limits.per_week is not known here"),
    ],
)
def test_an_automatic_one_that_does_not_fit_is_refused_by_its_path(
    parts: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        automatic(**parts)

    assert str(refused.value.details).startswith(f"Property {problem}")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"trigger": {"type": PAID}}, ".trigger is for automatic distributions only"),
        ({"audience": None}, ".audience must name either a customer_id or a segment"),
        (
            {"audience": {"customer_id": "cust_1", "segment_id": "seg_1"}},
            ".audience must name either",
        ),
        ({"action": MESSAGE}, ".action.type must be NOTIFY_PROMOTION or PUBLISH_CODES"),
    ],
)
def test_a_manual_one_that_does_not_fit_is_refused_by_its_path(
    parts: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        manual(**parts)

    assert str(refused.value.details).startswith(f"Property {problem}")
