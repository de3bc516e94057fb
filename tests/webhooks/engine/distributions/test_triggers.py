"""What a distribution waits for, and which events are that."""

from typing import Any

import pytest

from promo.errors import InvalidPayload
from webhooks.engine.distributions.triggers import (
    CUSTOM_EVENT,
    ENTERED,
    LEFT,
    MANUAL_START,
    Occurrence,
    matches,
    parse_existing,
    parse_trigger,
)

PAID = "customer.order.paid"
ADDED = "customer.voucher.gift.balance_added"
UPGRADED = "customer.loyalty.tier.upgraded"
TOLD = (PAID, ENTERED, LEFT, CUSTOM_EVENT, ADDED, UPGRADED, MANUAL_START)
ADA = {"customer": {"id": "cust_1"}}


@pytest.mark.parametrize(
    "trigger",
    [
        {"type": PAID},
        {"type": PAID, "validation_rule_id": "val_1"},
        {"type": ENTERED, "segment_id": "seg_1"},
        {"type": LEFT, "segment_id": "seg_1"},
        {"type": CUSTOM_EVENT, "event": "signed_up", "validation_rule_id": "val_1"},
        {"type": ADDED, "campaign_id": "camp_1"},
        {"type": UPGRADED, "campaign_id": "camp_1", "loyalty_tier_id": "ltr_1"},
    ],
)
def test_a_trigger_is_kept_as_it_was_sent(trigger: dict[str, Any]) -> None:
    assert parse_trigger(trigger, TOLD) == trigger


def test_null_counts_as_not_sent() -> None:
    sent = {"type": PAID, "validation_rule_id": None}

    assert parse_trigger(sent, TOLD) == {"type": PAID}


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({}, "Property .trigger.type must be equal to one of the allowed values"),
        (
            {"type": MANUAL_START},
            "Property .trigger.type must be equal to one of the allowed values",
        ),
        ({"type": ENTERED}, "Property .trigger should have required property 'segm"),
        ({"type": CUSTOM_EVENT}, "Property .trigger should have required property 'e"),
        ({"type": PAID, "segment_id": "seg_1"}, "Property .trigger.segment_id is not"),
        ({"type": LEFT, "segment_id": 7}, "Property .trigger.segment_id must be strin"),
        ({"type": LEFT, "segment_id": ""}, "Property .trigger.segment_id must have 1"),
    ],
)
def test_a_trigger_that_does_not_fit_is_refused_by_its_path(
    sent: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        parse_trigger(sent, TOLD)

    assert str(refused.value.details).startswith(problem)


def test_who_is_there_already_may_be_included_where_a_segment_is_entered() -> None:
    entered = {"type": ENTERED, "segment_id": "seg_1"}

    assert parse_existing({**entered, "include_existing": True}) == (entered, True)
    assert parse_existing({**entered, "include_existing": False}) == (entered, False)
    assert parse_existing(entered) == (entered, False)


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"type": LEFT, "include_existing": True}, f"is for {ENTERED} only"),
        ({"type": ENTERED, "include_existing": "yes"}, "must be boolean"),
    ],
)
def test_including_them_elsewhere_is_refused(
    sent: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        parse_existing(sent)

    assert refused.value.details == f"Property .trigger.include_existing {problem}"


@pytest.mark.parametrize(
    ("trigger", "kind", "data", "expected"),
    [
        ({"type": PAID}, PAID, ADA, True),
        ({"type": PAID, "validation_rule_id": "val_1"}, PAID, ADA, True),
        ({"type": PAID}, ADDED, ADA, False),
        ({"type": PAID}, PAID, {}, False),
        ({"type": PAID}, PAID, {"customer": None}, False),
        (
            {"type": LEFT, "segment_id": "seg_1"},
            LEFT,
            {**ADA, "segment": {"id": "seg_1"}},
            True,
        ),
        (
            {"type": LEFT, "segment_id": "seg_1"},
            LEFT,
            {**ADA, "segment": {"id": "seg_2"}},
            False,
        ),
        (
            {"type": ADDED, "campaign_id": "camp_1"},
            ADDED,
            {**ADA, "campaign": {"id": "camp_1"}},
            True,
        ),
        ({"type": ADDED, "campaign_id": "camp_1"}, ADDED, ADA, False),
        (
            {"type": CUSTOM_EVENT, "event": "signed_up"},
            CUSTOM_EVENT,
            {**ADA, "event": {"type": "signed_up"}},
            True,
        ),
        (
            {"type": CUSTOM_EVENT, "event": "signed_up"},
            CUSTOM_EVENT,
            {**ADA, "event": {"type": "signed_off"}},
            False,
        ),
        (
            {"type": UPGRADED, "loyalty_tier_id": "ltr_1"},
            UPGRADED,
            {**ADA, "loyalty_tier_to": {"id": "ltr_1"}},
            True,
        ),
        (
            {"type": UPGRADED, "loyalty_tier_id": "ltr_1"},
            UPGRADED,
            {**ADA, "loyalty_tier_to": {"id": "ltr_2"}},
            False,
        ),
    ],
)
def test_an_event_is_what_is_waited_for_or_not(
    trigger: dict[str, Any], kind: str, data: dict[str, Any], *, expected: bool
) -> None:
    assert matches(trigger, "distr_1", Occurrence(kind, data)) is expected


def test_the_campaign_may_stand_with_the_event_alone() -> None:
    told = Occurrence(ADDED, ADA, campaign_id="camp_1")

    assert matches({"type": ADDED, "campaign_id": "camp_1"}, "distr_1", told)


def test_the_customer_may_stand_with_the_event_alone() -> None:
    assert matches({"type": PAID}, "distr_1", Occurrence(PAID, {}, "", "cust_1"))


def test_a_start_is_heard_by_the_distribution_it_is_told_for_alone() -> None:
    told = Occurrence(MANUAL_START, {**ADA, "distribution": {"id": "distr_1"}})

    assert matches({}, "distr_1", told)
    assert matches({"type": ENTERED, "segment_id": "seg_1"}, "distr_1", told)
    assert not matches({}, "distr_2", told)
