"""Dead letters at the dashboard: why, taken anew one by one or many, put aside."""

import json
from datetime import timedelta
from typing import Any

import pytest

from customers.services.erasure import erase_customer
from promo.tenancy.models import Project
from promo.tenancy.services.roles import create_role
from tests.admin_site import (
    NOW,
    Person,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    text_of,
)
from tests.factories.customers import CustomerFactory, EventSchemaFactory
from tests.outbox import events_of
from webhooks.admin.dead_letter import reason_in_words
from webhooks.models import BusDeadLetter, BusRecord
from webhooks.services.bus.ledger import Place, bury, take_once
from webhooks.services.bus.letters import forget_old_letters, keep_letter

pytestmark = pytest.mark.django_db
EVENTS = "promo.ingest.events.v1"
VISIT = {"event": "visited", "customer": {"source_id": "ada"}}
MISSING = "invalid_payload: Property .source_id is required"


@pytest.fixture
def shop() -> Project:
    return make_project()


@pytest.fixture
def person(shop: Project) -> Person:
    return sign_in(shop, "ADMIN")


def letter(
    project: Project,
    value: Any = VISIT,
    *,
    offset: int = 0,
    kind: str = "events",
    key: str = "ada",
    error: str = MISSING,
    **headers: str,
) -> BusDeadLetter:
    """Return a record as a consumer has given it up."""
    topic = f"promo.ingest.{kind}.v1"
    bury(project, Place(topic, 0, offset), now=NOW)
    keep_letter(
        project,
        kind=kind,
        place=(topic, 0, offset),
        key=key.encode(),
        value=value if value is None or isinstance(value, bytes) else _json(value),
        headers=[(name, text.encode()) for name, text in headers.items()],
        error=error,
        attempts=1,
        now=NOW,
    )
    return BusDeadLetter.objects.get(project=project, topic=topic, offset=offset)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def dialog_of(response: Any) -> str:
    return text_of(response)


def test_once_the_cause_is_mended_a_letter_is_taken(
    person: Person, shop: Project
) -> None:
    dead = letter(shop, ce_id="e-1", ce_source="crm")
    EventSchemaFactory(project=shop, name="visited")

    answer = person.run(dead, "retake")

    assert messages_of(answer) == ["It is taken."]
    dead.refresh_from_db()
    assert (dead.state, dead.settled_by) == ("TAKEN", person.user)
    assert dead.settled_at is not None
    assert events_of(shop) == ["customer.created", "customer.custom_event"]
    record = BusRecord.objects.get()
    assert (record.is_dead, record.ce_id, record.ce_source) == (False, "e-1", "crm")


def test_a_letter_that_is_refused_again_says_the_new_reason(
    person: Person, shop: Project
) -> None:
    dead = letter(shop, {"name": "Ada"}, kind="customers", error="DataError")

    answer = person.run(dead, "retake")

    assert "Property .source_id is required" in dialog_of(answer)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.settled_at) == ("WAITING", 2, None)
    assert dead.error == MISSING
    assert dead.tried_at is not None
    assert not shop.customers.exists()
    assert events_of(shop) == []
    assert BusRecord.objects.get().is_dead


@pytest.mark.parametrize("command", ["retake", "dismiss"])
def test_what_is_dealt_with_is_dealt_with_once(
    person: Person, shop: Project, command: str
) -> None:
    EventSchemaFactory(project=shop, name="visited")
    dead = letter(shop)
    person.run(dead, "retake")
    before = events_of(shop)

    answer = person.run(dead, command)

    assert "It has been dealt with already" in dialog_of(answer)
    dead.refresh_from_db()
    assert dead.state == "TAKEN"
    assert events_of(shop) == before


def test_what_came_in_elsewhere_meanwhile_is_not_done_twice(
    person: Person, shop: Project
) -> None:
    EventSchemaFactory(project=shop, name="visited")
    dead = letter(shop, ce_id="e-1", ce_source="crm")
    elsewhere = Place(EVENTS, 0, 9, "e-1", "crm")
    assert take_once(shop, elsewhere, lambda: None, now=NOW)

    person.run(dead, "retake")

    dead.refresh_from_db()
    assert dead.state == "TAKEN"
    assert events_of(shop) == []


def test_many_are_taken_at_once_and_one_refusal_stops_no_other(
    person: Person, shop: Project
) -> None:
    EventSchemaFactory(project=shop, name="visited")
    good = [letter(shop, offset=place) for place in range(2)]
    bad = letter(shop, b"{", offset=2)

    answer = person.run_on([*good, bad], "retake_selected")

    assert BusDeadLetter.objects.filter(state="TAKEN").count() == 2
    assert events_of(shop).count("customer.custom_event") == 2
    told = messages_of(answer)
    assert "2 dead letters taken." in told
    assert any("The value must be JSON" in text for text in told)
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("WAITING", 2)


def test_putting_aside_takes_nothing(person: Person, shop: Project) -> None:
    EventSchemaFactory(project=shop, name="visited")
    first, second = letter(shop), letter(shop, offset=1)

    person.run(first, "dismiss")
    answer = person.run_on([second], "dismiss_selected")

    assert messages_of(answer)[-1] == "1 dead letter put aside."
    states = BusDeadLetter.objects.values_list("state", flat=True)
    assert set(states) == {"DISMISSED"}
    assert events_of(shop) == []
    assert rows_of(person.list(BusDeadLetter, state__exact="WAITING")) == []


def test_a_letter_for_another_project_is_not_taken(
    person: Person, shop: Project
) -> None:
    EventSchemaFactory(project=shop, name="visited")
    dead = letter(shop, ce_projectid=make_project("Other").pk)

    answer = person.run(dead, "retake")

    assert "unknown project" in dialog_of(answer)
    assert events_of(shop) == []


def test_the_list_and_the_page_say_why_in_words(person: Person, shop: Project) -> None:
    dead = letter(shop, {"name": "Ada"}, kind="customers")
    letter(make_project("Other"), offset=1)

    listed = person.list(BusDeadLetter)

    words = "Something is missing, or not as the API takes it. Property .source_id"
    assert rows_of(listed) == [dead]
    assert words in text_of(listed)
    assert words in text_of(person.open(dead))
    assert "&quot;Ada&quot;" in text_of(person.open(dead))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("The value must be JSON in UTF-8", "It cannot be read. The value must be"),
        ("unknown project shop", "It is for a project that is not here. unknown"),
        ("DataError", "Promo failed on it, which is a mistake of Promo's (DataError)."),
        ("other_key: No more of these", "No more of these"),
    ],
)
def test_reasons_are_said_in_words(error: str, words: str) -> None:
    assert reason_in_words(error).startswith(words)


def test_who_may_only_read_neither_takes_nor_puts_aside(shop: Project) -> None:
    EventSchemaFactory(project=shop, name="visited")
    dead = letter(shop)
    role = create_role(
        project=shop, now=NOW, name="Looks", permissions=["webhooks.read"]
    )
    reader = sign_in(shop, role.pk, "looks@example.com")

    assert reader.open(dead).status_code == 200
    assert reader.run(dead, "retake").status_code in {302, 403}
    assert reader.run(dead, "dismiss").status_code in {302, 403}
    reader.run_on([dead], "retake_selected")
    dead.refresh_from_db()
    assert dead.state == "WAITING"
    assert events_of(shop) == []


def test_a_letter_of_another_project_is_not_found(
    person: Person, shop: Project
) -> None:
    dead = letter(make_project("Other"))

    assert person.run(dead, "retake").status_code == 404
    assert person.open(dead).status_code in {302, 404}


def test_a_forgotten_person_is_in_no_letter(shop: Project) -> None:
    CustomerFactory(project=shop, source_id="ada", email="ada@example.com")
    letter(shop, {"email": "ada@example.com"}, kind="customers", key="")
    letter(shop, {"event": "x"}, offset=1, key="ada")
    other = letter(shop, {"source_id": "eve"}, kind="customers", offset=2, key="eve")

    erase_customer(shop, "ada", now=NOW)

    assert [*BusDeadLetter.objects.all()] == [other]


def test_letters_are_kept_as_long_as_the_records(shop: Project, settings: Any) -> None:
    settings.KAFKA_INGEST_DAYS = 30
    old, new = letter(shop), letter(shop, offset=1)
    BusDeadLetter.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(days=31))

    assert forget_old_letters(NOW) == 1
    assert [*BusDeadLetter.objects.all()] == [new]


def test_a_record_that_is_given_up_again_is_one_letter(shop: Project) -> None:
    letter(shop, b"\xff\x00", key="a\x00b")

    again = letter(shop, b"{")

    assert BusDeadLetter.objects.get() == again
    assert (again.value, again.key) == ("\ufffd\ufffd", "a\ufffdb")
