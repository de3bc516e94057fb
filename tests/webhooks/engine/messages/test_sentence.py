"""Distributions in plain words."""

from typing import Any

import pytest

from webhooks.engine.messages.occasions import in_plain_words, occasion
from webhooks.engine.messages.sentence import sentence, trigger_words

NAMES = {"camp_1": "Winter", "seg_1": "VIP", "seg_2": "Lapsed", "rule_1": "Over 50"}
NAMES |= {"promo_1": "Free delivery", "cust_1": "Ada", "tier_1": "Gold"}
PAID = {"type": "customer.order.paid"}
CODE = {"type": "PUBLISH_CODES", "campaign_id": "camp_1"}
MESSAGE = {"type": "MESSAGE"}
EMAIL, SMS = {"type": "EMAIL", "content": {}}, {"type": "SMS", "content": {}}
HOOK = {"type": "WEBHOOK", "content": {"target_url": "https://shop.example/hook"}}
LEFT = {"type": "customer.segment.left", "segment_id": "seg_1"}
ENTERED = {"type": "customer.segment.entered", "segment_id": "seg_1"}


def parts(**values: Any) -> dict[str, Any]:
    usual = {"kind": "AUTOMATIC", "trigger": PAID, "action": CODE, "channels": [EMAIL]}
    return {**usual, **values}


def after(value: int, unit: str = "DAY", **more: Any) -> dict[str, Any]:
    return {"type": "AFTER", "from": "EVENT", "value": value, "unit": unit, **more}


def at(time: str, value: int = 0, **more: Any) -> dict[str, Any]:
    return {**after(value, **more), "type": "AT_LOCAL_TIME", "time": time}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"delay": after(2), "limits": {"max_per_customer": 1}},
            (
                "Two days after an order is paid, e-mail the customer a code from "
                "'Winter', at most once per customer."
            ),
        ),
        ({}, "As soon as an order is paid, e-mail the customer a code from 'Winter'."),
        (
            {"channels": [EMAIL, SMS], "action": MESSAGE},
            "As soon as an order is paid, e-mail and text the customer.",
        ),
        (
            {"channels": [SMS, HOOK]},
            (
                "As soon as an order is paid, text the customer a code from "
                "'Winter' and tell shop.example."
            ),
        ),
        (
            {"channels": [HOOK]},
            (
                "As soon as an order is paid, give the customer a code from "
                "'Winter' and tell shop.example."
            ),
        ),
        (
            {"channels": [{"type": "WEBHOOK"}], "action": MESSAGE},
            "As soon as an order is paid, tell your system about the customer.",
        ),
        (
            {"channels": [], "action": MESSAGE},
            "As soon as an order is paid, give the customer a message.",
        ),
        (
            {"action": {"promotion_tier_id": "promo_1"}, "trigger": ENTERED},
            (
                "As soon as a customer enters 'VIP', e-mail the customer the "
                "promotion 'Free delivery'."
            ),
        ),
        (
            {"kind": "MANUAL", "trigger": {}, "audience": {"segment_id": "seg_1"}},
            "As soon as it starts, e-mail everybody in 'VIP' a code from 'Winter'.",
        ),
        (
            {"kind": "MANUAL", "audience": {"customer_id": "cust_1"}},
            "As soon as it starts, e-mail Ada a code from 'Winter'.",
        ),
        (
            {"kind": "MANUAL", "audience": {"customer_id": "cust_9"}},
            "As soon as it starts, e-mail something that is gone a code from 'Winter'.",
        ),
        (
            {"conditions": {"segment_id": "seg_1", "validation_rule_id": "rule_1"}},
            (
                "As soon as an order is paid, e-mail the customer a code from "
                "'Winter', if they are in 'VIP' and 'Over 50' holds."
            ),
        ),
        (
            {"limits": {"max_per_customer": 3, "max_total": 1000, "per_day": 50}},
            (
                "As soon as an order is paid, e-mail the customer a code from "
                "'Winter', at most three times per customer, 1,000 in all and 50 a "
                "day."
            ),
        ),
        (
            {"cancel_if": {"left_segment_id": "seg_1", "entered_segment_id": "seg_2"}},
            (
                "As soon as an order is paid, e-mail the customer a code from "
                "'Winter'. It is called off if the customer is not in 'VIP' or the "
                "customer is in 'Lapsed'."
            ),
        ),
        (
            {"cancel_if": {"happens": "customer.order.canceled"}},
            (
                "As soon as an order is paid, e-mail the customer a code from "
                "'Winter'. It is called off if an order is canceled meanwhile."
            ),
        ),
        (
            {"cancel_if": {"happens": "customer.custom_event", "event": "churn"}},
            (
                "As soon as an order is paid, e-mail the customer a code from "
                "'Winter'. It is called off if the event 'churn' arrives meanwhile."
            ),
        ),
        (
            {"action": {"campaign_id": "camp_9"}},
            (
                "As soon as an order is paid, e-mail the customer a code from "
                "something that is gone."
            ),
        ),
    ],
)
def test_a_distribution_is_one_sentence(values: dict[str, Any], said: str) -> None:
    assert sentence(parts(**values), NAMES) == said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"delay": {"type": "NONE"}}, "As soon as an order is paid"),
        ({"delay": after(0)}, "As soon as an order is paid"),
        ({"delay": after(1, "HOUR")}, "One hour after an order is paid"),
        ({"delay": after(45, "MINUTE")}, "45 minutes after an order is paid"),
        ({"delay": at("09:30")}, "The next time it is 09:30 after an order is paid"),
        ({"delay": at("09:30", 2)}, "Two days after an order is paid at 09:30"),
        (
            {"delay": after(-2, **{"from": "METADATA_DATE", "property": "order.trip"})},
            "Two days before the date in order.trip, once an order is paid",
        ),
        (
            {"delay": at("08:00", **{"from": "METADATA_DATE", "property": "order.x"})},
            "On the date in order.x at 08:00, once an order is paid",
        ),
        ({"kind": "MANUAL", "delay": after(3, "WEEK")}, "Three weeks after it starts"),
        ({"trigger": LEFT}, "As soon as a customer leaves 'VIP'"),
        (
            {"trigger": {**ENTERED, "include_existing": True}},
            "As soon as a customer enters 'VIP' or is in it already",
        ),
        (
            {"trigger": {"type": "customer.custom_event", "event": "trip_booked"}},
            "As soon as the event 'trip_booked' arrives",
        ),
        (
            {"trigger": {**PAID, "validation_rule_id": "rule_1"}},
            "As soon as an order is paid that meets 'Over 50'",
        ),
        (
            {
                "trigger": {
                    "type": "customer.loyalty.tier.joined",
                    "campaign_id": "camp_1",
                    "loyalty_tier_id": "tier_1",
                }
            },
            "As soon as a customer enters a loyalty tier ('Gold') of 'Winter'",
        ),
    ],
)
def test_when_it_is_sent(values: dict[str, Any], said: str) -> None:
    assert trigger_words(parts(**values), NAMES) == said


def test_what_is_not_known_is_shown_as_it_is() -> None:
    assert occasion("customer.order.paid") == "An order is paid"
    assert occasion("something.else") == "Something.else"
    assert in_plain_words("no_email") == "The customer has no e-mail address"
    assert in_plain_words("some_thing_new") == "Some thing new"
