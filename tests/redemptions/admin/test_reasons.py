"""Reasons of failures in a marketer's words."""

from redemptions.admin.reasons import REASONS, reason_in_words
from redemptions.engine import refusals


def test_every_refusal_of_the_engine_has_words():
    known = {*refusals._MESSAGES, "not_found", "promotion_inactive"}  # noqa: SLF001 - the list itself

    assert known <= REASONS.keys()
    assert {f"{family}_rules_violated" for family in ("customer", "order")} <= (
        REASONS.keys()
    )


def test_an_unknown_reason_keeps_its_message():
    assert reason_in_words("brand_new", "something else") == "something else"
    assert reason_in_words("brand_new") == "Brand new"
