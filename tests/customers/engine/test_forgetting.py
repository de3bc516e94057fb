"""Which JSON is about a person, and what of it is left once they are forgotten."""

from typing import Any

import pytest

from customers.engine.forgetting import Person, forgotten, is_about, mentions
from customers.engine.tracking import encode

ADA, BOB = "cust_" + "a" * 32, "cust_" + "b" * 32
PERSON = Person(
    id=ADA,
    source_id="ada",
    emails=frozenset({"ada@example.com", "old@example.com"}),
    phones=frozenset({"+44 1"}),
)


@pytest.mark.parametrize(
    ("payload", "about", "mentioned"),
    [
        ({"customer": {"id": ADA}}, True, True),
        ({"customer": {"id": BOB, "email": "ada@example.com"}}, False, False),
        ({"customer": {"email": "old@example.com"}}, True, True),
        ({"customer": {"source_id": "ada"}}, True, True),
        ({"customer": {"source_id": ""}}, False, False),
        ({"customer": None}, False, False),
        ({"holder": {"id": ADA, "object": "customer"}}, True, True),
        ({"redemption": {"customer_id": ADA}}, True, True),
        ({"redemption": {"customer_id": BOB, "tracking_id": "ada"}}, False, False),
        ({"redemption": {"customer_id": None, "tracking_id": "ada"}}, True, True),
        ([{"tracking_id": encode("ada")}], True, True),
        ({"tracking_id": ["ada"]}, False, False),
        ({"referrer": {"id": ADA, "name": "Ada"}}, False, True),
        ({"voucher": {"holder_id": ADA}}, False, False),
        ({"email": {"conditions": {"$is": ["ada@example.com"]}}}, False, False),
        ("ada", False, False),
    ],
)
def test_what_json_says_of_a_person(
    payload: Any, *, about: bool, mentioned: bool
) -> None:
    assert is_about(payload, PERSON) is about
    assert mentions(payload, PERSON) is mentioned


def test_somebody_without_a_source_id_is_not_everybody_without_one() -> None:
    nobody = Person(id=ADA)

    assert nobody.tracking_id == ""
    assert nobody.marks == [f'"{ADA}"']
    assert is_about({"tracking_id": ""}, nobody) is False
    assert is_about({"customer": {"source_id": ""}}, nobody) is False


def test_marks_are_texts_as_json_has_them() -> None:
    person = Person(id=ADA, source_id='Zażó"łć', emails=frozenset({"a@b.c"}))

    assert person.marks == sorted(
        [f'"{ADA}"', '"a@b.c"', '"Zażó\\"łć"', f'"{encode(person.source_id)}"']
    )


def test_of_a_profile_the_id_is_left_and_of_texts_nothing() -> None:
    bob = {"id": BOB, "email": "ada@example.com", "phone": "+44 1"}
    payload = {
        "referrer": {"id": ADA, "name": "Ada", "metadata": {"x": 1}},
        "customer": bob,
        "listed": ["ada", "old@example.com", "other", 7, {"phone": "+44 1"}],
        "filter": {"email": {"conditions": {"$is": ["ada@example.com"]}}},
        "note": None,
    }

    assert forgotten(payload, PERSON) == {
        "referrer": {"id": ADA, "object": "customer"},
        "customer": bob,
        "listed": [None, None, "other", 7, {"phone": None}],
        "filter": {"email": {"conditions": {"$is": [None]}}},
        "note": None,
    }
