"""Retries that are safe: the same ``Idempotency-Key`` gets the same answer.

1. ``begin`` inserts the key's row before the work, and commits it. Whoever finds it
   there replays the answer, or is refused while there is none.
2. ``finish`` stores the answer; ``release`` forgets the key after a failure of ours.

A process that dies in between leaves the outcome unknown: the key answers 409 until
it expires, rather than do the work a second time.

Source: platform specification, "Idempotency and concurrency".
"""

import hashlib
import json
from datetime import datetime, timedelta

from promo.api.models import IdempotentAnswer
from promo.errors import PromoError
from promo.tenancy.models import Project

KEPT = timedelta(hours=24)
LONGEST_KEY = 255


class KeyConflict(PromoError):
    """The key belongs to another body, or to work that still runs."""

    code = 409
    key = "idempotency_key_conflict"
    message = "Idempotency key conflict"


class Replay(Exception):
    """The request has its answer already."""

    def __init__(self, answer: IdempotentAnswer) -> None:
        super().__init__(answer.key)
        self.answer = answer


def begin(
    *, project: Project, key: str, path: str, body: bytes, now: datetime
) -> IdempotentAnswer:
    """Return the fresh row of ``key`` on ``path``; the caller now does the work.

    Raises:
        Replay: the work is done, here is its answer.
        KeyConflict: the key was used with another body, or its work still runs.
    """
    digest = hashlib.sha256(body).hexdigest()
    route = hashlib.sha256(path.encode()).hexdigest()
    rows = IdempotentAnswer.objects.filter(project=project, key=key, path_hash=route)
    rows.filter(created_at__lte=now - KEPT).delete()
    known, is_fresh = IdempotentAnswer.objects.get_or_create(
        project=project,
        key=key,
        path_hash=route,
        defaults={"body_hash": digest, "created_at": now},
    )
    if is_fresh:
        return known
    if known.body_hash != digest:
        raise KeyConflict("Idempotency-Key was used with a different body")
    if known.status is None:
        raise KeyConflict("A request with this Idempotency-Key is being processed")
    raise Replay(known)


def finish(answer: IdempotentAnswer, *, status: int, body: bytes) -> None:
    """Store what was answered: a status and JSON, or no body at all."""
    stored = json.loads(body) if body else None
    rows = IdempotentAnswer.objects.filter(pk=answer.pk)
    rows.update(status=status, body=stored)


def release(answer: IdempotentAnswer) -> None:
    """Forget the key: its work failed through our fault and left nothing."""
    IdempotentAnswer.objects.filter(pk=answer.pk).delete()


def delete_expired(now: datetime) -> int:
    """Delete the answers older than a day; return how many."""
    expired = IdempotentAnswer.objects.filter(created_at__lte=now - KEPT)
    return expired.delete()[0]
