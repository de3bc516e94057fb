"""Whether a message goes out when its moment has come."""

from dataclasses import replace
from typing import Any

import pytest

from webhooks.engine.distributions.judging import (
    SEND,
    Choice,
    Course,
    Situation,
    Verdict,
    Way,
    judge_occasion,
    judge_way,
)

PAID, CUSTOM = "customer.order.paid", "customer.custom_event"
LOYAL = Situation(
    is_there=True,
    segments={"seg_loyal"},
    since={(PAID, ""), (CUSTOM, "signed_up")},
    rules_hold={"val_yes": True, "val_no": False},
)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, SEND),
        ({"segment_id": "seg_loyal"}, SEND),
        ({"segment_id": "seg_other"}, Verdict(Course.SKIP, "not_in_segment")),
        ({"validation_rule_id": "val_yes"}, SEND),
        ({"validation_rule_id": "val_no"}, Verdict(Course.SKIP, "rule_not_met")),
        ({"validation_rule_id": "val_gone"}, Verdict(Course.SKIP, "rule_not_met")),
    ],
)
def test_conditions_keep_a_message_back(
    conditions: dict[str, Any], expected: Verdict
) -> None:
    assert judge_occasion({}, conditions, {}, LOYAL) == expected


def test_the_rule_of_the_trigger_has_to_hold_too() -> None:
    refused = judge_occasion({"validation_rule_id": "val_no"}, {}, {}, LOYAL)

    assert refused == Verdict(Course.SKIP, "rule_not_met")
    assert judge_occasion({"validation_rule_id": "val_yes"}, {}, {}, LOYAL) == SEND


@pytest.mark.parametrize(
    ("cancel_if", "reason"),
    [
        ({"left_segment_id": "seg_loyal"}, ""),
        ({"left_segment_id": "seg_other"}, "left_segment"),
        ({"entered_segment_id": "seg_loyal"}, "entered_segment"),
        ({"entered_segment_id": "seg_other"}, ""),
        ({"happens": PAID}, "happened_meanwhile"),
        ({"happens": "customer.order.canceled"}, ""),
        ({"happens": CUSTOM, "event": "signed_up"}, "happened_meanwhile"),
        ({"happens": CUSTOM, "event": "signed_off"}, ""),
        ({"happens": CUSTOM}, "happened_meanwhile"),
    ],
)
def test_what_happens_meanwhile_calls_a_message_off(
    cancel_if: dict[str, Any], reason: str
) -> None:
    expected = Verdict(Course.CANCEL, reason) if reason else SEND

    assert judge_occasion({}, {}, cancel_if, LOYAL) == expected


def test_who_is_gone_gets_nothing() -> None:
    found = judge_occasion({}, {}, {}, Situation(is_there=False))

    assert found == Verdict(Course.SKIP, "customer_gone")


def way(**said: Any) -> Way:
    return Way(**{"address": "a@b", "missing": "no_email", "consent": "EMAIL", **said})


@pytest.mark.parametrize(
    ("choices", "consent_id", "expected"),
    [
        ([], "", SEND),
        ([("c1", "EMAIL", True)], "", SEND),
        ([("c1", "SMS", False)], "", SEND),
        (
            [("c1", "EMAIL", True), ("c2", "EMAIL", False)],
            "",
            Verdict(Course.SKIP, "consent_withdrawn"),
        ),
        ([("c1", "EMAIL", True), ("c2", "EMAIL", False)], "c1", SEND),
        ([("c1", "EMAIL", False)], "c1", Verdict(Course.SKIP, "consent_withdrawn")),
        ([], "c1", Verdict(Course.SKIP, "consent_withdrawn")),
    ],
)
def test_consents_open_and_close_a_channel(
    choices: list[tuple[str, str, bool]], consent_id: str, expected: Verdict
) -> None:
    found = Situation(is_there=True, choices=[Choice(*each) for each in choices])

    assert judge_way(way(consent_id=consent_id), found) == expected


def test_without_an_address_there_is_no_way() -> None:
    found = judge_way(way(address=""), Situation(is_there=True))

    assert found == Verdict(Course.SKIP, "no_email")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("", SEND),
        ("val_yes", SEND),
        ("val_no", Verdict(Course.SKIP, "rule_not_met")),
    ],
)
def test_the_rule_that_was_put_on_it_has_to_hold_beside_those_it_names(
    rule: str, expected: Verdict
) -> None:
    named = {"validation_rule_id": "val_yes"}

    found = judge_occasion(named, named, {}, replace(LOYAL, own_rule=rule))

    assert found == expected
