"""Taking a person out of JSON that other things keep: events, answers, results."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from customers.engine.tracking import encode

_CUSTOMER = "cust_"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to forget: what JSON may call them by, former addresses included.

    Others may share an address, and take over the source id of somebody deleted: what
    says by its id that it is somebody else is left to them.
    """

    id: str
    source_id: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    @property
    def tracking_id(self) -> str:
        """The source id as browsers carry it."""
        return encode(self.source_id) if self.source_id else ""

    @property
    def texts(self) -> frozenset[str]:
        """What must not stand anywhere as a value of its own; the id may."""
        known = {self.source_id, self.tracking_id} - {""}
        return self.emails | self.phones | known

    @property
    def marks(self) -> list[str]:
        """The JSON strings of which text has one, if it may be about the person."""
        return [mark_of(text) for text in sorted({self.id, *self.texts})]

    def is_named_by(self, shown: Mapping[str, Any]) -> bool:
        """Whether ``shown`` is the person, as the API shows or takes customers."""
        if _is_customer_id(shown.get("id")):
            return bool(shown["id"] == self.id)
        named = bool(self.source_id) and shown.get("source_id") == self.source_id
        email = shown.get("email")
        return named or (isinstance(email, str) and email in self.emails)


def mark_of(text: str) -> str:
    """Return a text as it stands in JSON."""
    return json.dumps(text, ensure_ascii=False)


def is_about(payload: Any, person: Person) -> bool:
    """Whether JSON tells of what the person did or got.

    It says so by a ``customer``, the ``holder`` of a card, a ``customer_id`` or the
    ``tracking_id``, anywhere; who has referred somebody is only mentioned.
    """
    return any(_says(shown, person) for shown in _objects(payload))


def mentions(value: Any, person: Person) -> bool:
    """Whether JSON is about the person or shows them."""
    return is_about(value, person) or any(
        person.is_named_by(shown) for shown in _objects(value)
    )


def _says(shown: Mapping[str, Any], person: Person) -> bool:
    if _is_customer_id(shown.get("customer_id")):
        return bool(shown["customer_id"] == person.id)
    for role in ("customer", "holder"):
        somebody = shown.get(role)
        if isinstance(somebody, Mapping) and person.is_named_by(somebody):
            return True
    tracked = shown.get("tracking_id")
    known = {person.tracking_id, person.source_id} - {""}
    return isinstance(tracked, str) and tracked in known


def _is_customer_id(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_CUSTOMER)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)


def forgotten(value: Any, person: Person) -> Any:
    """Return JSON without the person: of a profile in it nothing but the id is left.

    Texts that are theirs become null, except in what shows somebody else.
    """
    if isinstance(value, Mapping):
        if person.is_named_by(value):
            return {"id": person.id, "object": "customer"}
        if _is_customer_id(value.get("id")):
            return value
        return {name: forgotten(part, person) for name, part in value.items()}
    if isinstance(value, list):
        return [forgotten(part, person) for part in value]
    if isinstance(value, str) and value in person.texts:
        return None
    return value
