"""Taking a person out of JSON that other things keep: events, answers, results."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from customers.engine.tracking import encode


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to forget: what JSON may call them by; unknown texts are empty."""

    id: str
    source_id: str = ""
    email: str = ""
    phone: str = ""

    @property
    def tracking_id(self) -> str:
        """The source id as browsers carry it."""
        return encode(self.source_id) if self.source_id else ""

    @property
    def texts(self) -> frozenset[str]:
        """What must not stand anywhere as a value of its own; the id may."""
        known = (self.source_id, self.email, self.phone, self.tracking_id)
        return frozenset(text for text in known if text)

    @property
    def marks(self) -> list[str]:
        """The JSON strings of which text has one, if it may be about the person."""
        return [
            json.dumps(text, ensure_ascii=False)
            for text in sorted({self.id, *self.texts})
        ]

    def is_named_by(self, shown: Mapping[str, Any]) -> bool:
        """Whether ``shown`` is the person, as the API shows customers."""
        if shown.get("id") == self.id:
            return True
        same = ("source_id", self.source_id), ("email", self.email)
        return any(known and shown.get(name) == known for name, known in same)


def is_about(payload: Any, person: Person) -> bool:
    """Whether JSON tells of what the person did or got.

    It says so by a ``customer`` or ``customer_id``, or the ``tracking_id``, anywhere;
    who holds a code or has referred somebody is only mentioned.
    """
    return any(_says(shown, person) for shown in _objects(payload))


def _says(shown: Mapping[str, Any], person: Person) -> bool:
    customer = shown.get("customer")
    named = isinstance(customer, Mapping) and person.is_named_by(customer)
    tracked = shown.get("tracking_id")
    return (
        named
        or shown.get("customer_id") == person.id
        or (bool(tracked) and tracked in {person.tracking_id, person.source_id})
    )


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

    Texts that are theirs become null.
    """
    if isinstance(value, Mapping):
        if person.is_named_by(value):
            return {"id": person.id, "object": "customer"}
        return {name: forgotten(part, person) for name, part in value.items()}
    if isinstance(value, list):
        return [forgotten(part, person) for part in value]
    if isinstance(value, str) and value in person.texts:
        return None
    return value
