"""Whose turn it is, where a project runs one action of a type at a time.

Who has begun goes on, then the oldest. Who has to wait takes nothing and is asked for
again when another one ends; nobody looks again and again.
"""

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from promo.jobs.models import ActionStatus, AsyncAction

# Held for a step, so that two never run at once, whatever they have seen of each other.
_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def is_exclusive(kind: str) -> bool:
    """Say whether a project runs one action of this type at a time."""
    return kind in settings.ONE_AT_A_TIME


def may_run(action: AsyncAction) -> bool:
    """Say whether an action whose row is held may run a step in this transaction.

    1. Where another one goes first, there is nothing to wait for here.
    2. Else wait for the step of whoever runs, if somebody does after all: it was asked
       for at the same moment, and what it has written was not to be seen yet.
    3. Look again.
    """
    if not is_exclusive(action.type):
        return True
    if _is_held_up(action):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [f"{action.type} {action.project_id}"])
    return not _is_held_up(action)


def next_waiting(ended: AsyncAction) -> AsyncAction | None:
    """Return who goes on when an action has ended, held.

    Holding the row waits for whoever is about to find that it has to wait: so it can be
    asked for again when this transaction commits.
    """
    waiting = _unfinished(ended).order_by("created_at", "pk")
    return waiting.select_for_update(of=("self",)).first()


def _is_held_up(action: AsyncAction) -> bool:
    if action.status == ActionStatus.IN_PROGRESS:
        return False
    earlier = Q(created_at__lt=action.created_at) | Q(
        created_at=action.created_at, pk__lt=action.pk
    )
    first = Q(status=ActionStatus.IN_PROGRESS) | earlier
    return _unfinished(action).filter(first).exclude(pk=action.pk).exists()


def _unfinished(action: AsyncAction) -> QuerySet[AsyncAction]:
    return AsyncAction.objects.filter(
        project=action.project_id, type=action.type, finished_at=None
    )
