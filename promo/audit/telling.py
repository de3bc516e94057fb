"""Telling the database for whom a statement works: a comment in front of it.

Triggers read it there (``audit_who``). So it costs no statement of its own, holds for
that one statement alone, and needs no session that a pool might hand on.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection

from promo import request_context
from promo.audit.models import ActorKind
from promo.request_context import RequestContext

_WRITING = ("INSERT", "UPDATE", "DELETE", "WITH")
_LONGEST_REASON = 500
_REQUEST = "v-"


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something now: a name for people, and why."""

    name: str = ""
    reason: str = ""
    request_id: str = ""

    def is_request(self, request_id: str) -> bool:
        """Whether ``request_id`` is that of the request in which this happens."""
        return request_id == self.request_id and request_id.startswith(_REQUEST)


_author: ContextVar[Author | None] = ContextVar("author", default=None)


def author_of_now() -> Author:
    """Return who changes things now; without a name where nobody has asked for it."""
    context, known = request_context.current(), _author.get() or Author()
    actor = _actor(context, known.name)
    is_key = actor["kind"] == ActorKind.KEY
    name = f"Key {actor['name']}" if is_key else actor["name"]
    return Author(name[:255], known.reason, context.request_id)


@contextmanager
def told(*, by_hand: bool, name: str = "", reason: str = "") -> Iterator[None]:
    """Say of what is written inside who does it, as the request's context knows.

    ``by_hand`` says that single objects are changed, not thousands by one command;
    ``name`` is what a person is called. ``reason`` is why, in the caller's words.
    """
    mark = "+" if by_hand else "-"

    def execute(
        run: Callable[..., Any], sql: str, params: Any, many: Any, context: Any
    ) -> Any:
        if str(sql).lstrip()[:6].upper().startswith(_WRITING):
            who = _who(request_context.current(), name, reason[:_LONGEST_REASON])
            sql = f"/*promo{mark}{who}*/{sql}"
        return run(sql, params, many, context)

    token = _author.set(Author(name, reason[:_LONGEST_REASON].replace("\x00", "")))
    try:
        with connection.execute_wrapper(execute):
            yield
    finally:
        _author.reset(token)


def _who(context: RequestContext, name: str, reason: str) -> str:
    """Return who acts as hex digits, after the colon that ends the mark."""
    told = {
        "channel": context.channel,
        "request": context.request_id,
        "reason": reason.replace("\x00", ""),
        **_actor(context, name),
    }
    return ":" + json.dumps(told).encode().hex()


def _actor(context: RequestContext, name: str) -> dict[str, str]:
    if context.user_id:
        return {"kind": ActorKind.PERSON, "id": context.user_id, "name": name}
    if context.api_key:
        key = context.api_key
        named = key.get("name") or "Key without a name"
        return {"kind": ActorKind.KEY, "id": key["app_id"], "name": named}
    return {"kind": ActorKind.SYSTEM, "id": "", "name": name}
