"""Telling the database for whom a statement works: a comment in front of it.

Triggers read it there (``audit_who``). So it costs no statement of its own, holds for
that one statement alone, and needs no session that a pool might hand on.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from promo import request_context
from promo.audit.models import ActorKind
from promo.request_context import RequestContext

_WRITING = ("INSERT", "UPDATE", "DELETE", "WITH")
_LONGEST_REASON = 500


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

    with connection.execute_wrapper(execute):
        yield


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
