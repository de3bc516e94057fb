"""Who is asking, carried beside the call: for events, logs and error bodies."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from typing import Any

from promo.tenancy.access_scope import Place, Places


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request or task.

    ``request_id`` groups the events of one cause. ``channel`` is where it came
    from: ``API``, ``CLIENT_API``, ``USER_PORTAL`` or ``INTERNAL``. ``places`` are where
    a restricted caller reaches, None for everywhere.
    """

    request_id: str
    channel: str = "INTERNAL"
    api_key: dict[str, str] | None = None
    user_id: str | None = None
    places: Places | None = None


_current: ContextVar[RequestContext | None] = ContextVar("request", default=None)


def new_request_id(prefix: str = "v-") -> str:
    """Return a fresh id: ``v-`` (a request) or ``w-`` (work) and 18 hex digits."""
    return prefix + secrets.token_hex(9)


def current() -> RequestContext:
    """Return the context of this request; work outside one gets its own."""
    found = _current.get()
    if found is None:
        found = RequestContext(new_request_id("w-"))
        _current.set(found)
    return found


def bind(request_id: str, channel: str) -> None:
    """Start the context of a request."""
    _current.set(RequestContext(request_id, channel))


def bind_caller(
    *,
    api_key: dict[str, str] | None = None,
    user_id: str | None = None,
    places: Places | None = None,
) -> None:
    """Name the key or the person behind the current request, and how far it reaches."""
    _current.set(replace(current(), api_key=api_key, user_id=user_id, places=places))


def clear() -> None:
    """Forget the request."""
    _current.set(None)


def event_source() -> dict[str, Any]:
    """Return the context as events show it, without what is unknown."""
    context = current()
    source: dict[str, Any] = {"channel": context.channel}
    if context.api_key:
        source["api_key"] = context.api_key
    if context.user_id:
        source["user"] = {"id": context.user_id}
    return source


def work_source() -> dict[str, Any]:
    """Return what long work has to know of who asked: as events say it, and his reach.

    ``places`` are left out where the caller reaches everything.
    """
    places = current().places
    if places is None:
        return event_source()
    listed = sorted(places, key=lambda one: (one.area, one.store or "", one.all_stores))
    return event_source() | {"places": [asdict(one) for one in listed]}


@contextmanager
def internal_work() -> Iterator[RequestContext]:
    """Run a task or command as one piece of internal work."""
    token = _current.set(RequestContext(new_request_id("w-")))
    try:
        yield current()
    finally:
        _current.reset(token)


@contextmanager
def acting_for(request_id: str, source: Mapping[str, Any]) -> Iterator[None]:
    """Go on with what a request began; ``source`` is what ``work_source`` said of it.

    A caller who was restricted still is.
    """
    user, places = source.get("user") or {}, source.get("places")
    context = RequestContext(
        request_id or new_request_id("w-"),
        source.get("channel", "INTERNAL"),
        api_key=source.get("api_key"),
        user_id=user.get("id"),
        places=None if places is None else frozenset(Place(**one) for one in places),
    )
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
