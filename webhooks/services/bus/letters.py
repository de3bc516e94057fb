"""Dead letters as the dashboard has them: kept, tried anew, put aside, forgotten.

Beside the topic of dead letters, so that they can be seen and tried without a broker.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from customers.services.forgetting import person_of
from promo.errors import BadRequest, PromoError
from promo.tenancy.models import Project
from webhooks.engine.bus.cloud_event import Received, decode
from webhooks.engine.bus.dead_letters import LONGEST_ERROR
from webhooks.engine.bus.strict_json import Unreadable
from webhooks.models import BusDeadLetter, BusRecord, LetterState
from webhooks.services.batches import delete_batch

_NUL, _UNKNOWN = "\x00", "\ufffd"

Headers = Sequence[tuple[str, bytes | None]]


def keep_letter(
    project: Project,
    *,
    kind: str,
    place: tuple[str, int, int],
    key: bytes,
    value: bytes | None,
    headers: Headers,
    error: str,
    attempts: int,
    now: datetime,
) -> None:
    """Keep a record that was given up; one that is kept already stays as it is.

    ``place`` is topic, partition and offset. What is no UTF-8 cannot be read, and is
    kept with signs for what is not.
    """
    topic, partition, offset = place
    letter = BusDeadLetter(
        project=project,
        kind=kind,
        topic=topic,
        partition=partition,
        offset=offset,
        key=_text(key),
        value=None if value is None else _text(value),
        headers=[[name, _text(text or b"")] for name, text in headers],
        error=_cut(error),
        attempts=attempts,
        created_at=now,
    )
    BusDeadLetter.objects.bulk_create([letter], ignore_conflicts=True)


def retake_letter(letter: BusDeadLetter, *, now: datetime, user: Any = None) -> None:
    """Try anew what a dead letter asks for; once it is taken it is settled.

    1. Hold the letter: two people who try at once take it once.
    2. Mark its record as taken, and do what it asks for, in one transaction.
    3. Where it is refused again nothing has happened but that its reason is the new
       one.

    Raises:
        BadRequest: ``invalid_dead_letter``; it is settled, or refused again.
    """
    try:
        with transaction.atomic():
            held = _held(letter)
            received = decode(_headers(held), _value(held))
            if received.project_id and received.project_id != held.project_id:
                raise Unreadable(f"unknown project {received.project_id}")
            if _mark_taken(held, received, now):
                take = import_string(settings.BUS_TAKE)
                take(held.project, held.kind, received.data, key=held.key, now=now)
            _settle(held, LetterState.TAKEN, user, now)
    except _Settled as settled:
        raise _refused("It has been dealt with already") from settled
    except (PromoError, Unreadable, DatabaseError) as failed:
        error = _reason(failed)
        _note_failure(letter, error, now)
        raise _refused(error) from failed


def dismiss_letter(letter: BusDeadLetter, *, now: datetime, user: Any = None) -> None:
    """Put a dead letter aside: nobody has to look at it any more.

    Raises:
        BadRequest: ``invalid_dead_letter``; it is settled already.
    """
    try:
        with transaction.atomic():
            _settle(_held(letter), LetterState.DISMISSED, user, now)
    except _Settled as settled:
        raise _refused("It has been dealt with already") from settled


def forget_old_letters(now: datetime) -> int:
    """Forget what is older than records are kept, a batch; return how many."""
    before = now - timedelta(days=settings.KAFKA_INGEST_DAYS)
    old = BusDeadLetter.objects.filter(created_at__lt=before).order_by("created_at")
    return delete_batch(old)


def forget_customer(customer: Any, *, now: datetime) -> dict[str, int]:
    """Forget the letters that name a person; nothing of it is counted."""
    person = person_of(customer)
    named = Q(key__in=[text for text in (person.id, person.source_id) if text])
    for mark in person.marks:
        named |= Q(value__contains=mark)
    BusDeadLetter.objects.filter(named, project=customer.project).delete()
    return {}


class _Settled(Exception):
    """A letter that somebody has dealt with."""


def _held(letter: BusDeadLetter) -> BusDeadLetter:
    rows = BusDeadLetter.objects.select_for_update(of=("self",))
    held = rows.select_related("project").get(pk=letter.pk)
    if held.state != LetterState.WAITING:
        raise _Settled
    return held


def _mark_taken(held: BusDeadLetter, received: Received, now: datetime) -> bool:
    """Mark the record as taken; False where the same event came in elsewhere."""
    place: dict[str, Any] = {
        "project": held.project,
        "topic": held.topic,
        "partition": held.partition,
        "offset": held.offset,
    }
    told = {
        "ce_id": received.id,
        "ce_source": received.source,
        "is_dead": False,
        "created_at": now,
    }
    try:
        with transaction.atomic():
            BusRecord.objects.update_or_create(**place, defaults=told)
    except IntegrityError:
        return False
    return True


def _settle(held: BusDeadLetter, state: LetterState, user: Any, now: datetime) -> None:
    held.state, held.settled_at, held.settled_by = state, now, user
    held.save(update_fields=["state", "settled_at", "settled_by"])


def _note_failure(letter: BusDeadLetter, error: str, now: datetime) -> None:
    waiting = BusDeadLetter.objects.filter(pk=letter.pk, state=LetterState.WAITING)
    for held in waiting:
        held.error, held.attempts, held.tried_at = error, held.attempts + 1, now
        held.save(update_fields=["error", "attempts", "tried_at"])


def _reason(failed: Exception) -> str:
    """Return why it was refused, in the form in which consumers note it."""
    if isinstance(failed, PromoError):
        return _cut(f"{failed.key}: {failed}")
    if isinstance(failed, DatabaseError):
        return type(failed.__cause__ or failed).__name__
    return _cut(str(failed))


def _headers(held: BusDeadLetter) -> list[tuple[str, bytes | None]]:
    return [(name, text.encode()) for name, text in held.headers]


def _value(held: BusDeadLetter) -> bytes | None:
    return None if held.value is None else held.value.encode()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace(_NUL, _UNKNOWN)


def _cut(error: str) -> str:
    return error.replace(_NUL, _UNKNOWN)[:LONGEST_ERROR]


def _refused(details: str) -> BadRequest:
    return BadRequest("invalid_dead_letter", "The dead letter is not taken", details)
