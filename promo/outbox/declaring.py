"""Declaring types of events: what they are called, carry, and who hears them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, auto

CATEGORIES = ("ACTION", "EFFECT")


class Audience(Flag):
    """Who hears of an event, beside the parts of the installation itself."""

    NOBODY = 0
    PROJECT = auto()
    DISTRIBUTION = auto()
    ACTIVITY = auto()
    #: Webhooks too, with events that only Promo has.
    OWN = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an event's data: its name, the shape behind it, whether null fits.

    A key that takes null may also be left out.
    """

    name: str
    shape: str
    nullable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One type of event.

    ``planned`` says why no service tells it yet; empty where one does.
    """

    name: str
    data: tuple[Key, ...]
    audience: Audience
    planned: str = ""


def declare(
    *names: str, data: str, to: Audience, planned: str = ""
) -> Iterator[EventType]:
    """Yield the types ``names``, which carry the same.

    ``data`` lists the keys: ``holder:customer?`` is a key ``holder`` that holds a
    customer or null; without a colon, the shape is called as the key is.
    ``planned`` is why nobody tells them yet.
    """
    keys = tuple(_key(each) for each in data.split())
    for name in names:
        yield EventType(name=name, data=keys, audience=to, planned=planned)


def _key(text: str) -> Key:
    bare = text.removesuffix("?")
    name, _, shape = bare.partition(":")
    return Key(name, shape or name, nullable=bare != text)
