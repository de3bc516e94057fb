"""Starting long work and running it step by step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from promo import request_context
from promo.audit.telling import told
from promo.errors import PromoError
from promo.jobs.models import ActionStatus, AsyncAction
from promo.jobs.one_at_a_time import is_exclusive, may_run, next_waiting
from promo.metrics.counts import count_ended_job
from promo.tenancy.models import Project

log = structlog.get_logger()

Step = Callable[..., bool]


def enqueue(
    *,
    project: Project,
    kind: str,
    arguments: Mapping[str, Any],
    now: datetime,
    operation: str = "",
    parent: AsyncAction | None = None,
) -> AsyncAction:
    """Record an action and, once the transaction commits, ask a worker to run it.

    A lost message costs only time: the sweep finds the row. The part of a ``parent``
    is for workers alone; it says what it made on the parent.
    """
    action = record_action(
        project=project,
        kind=kind,
        arguments=arguments,
        now=now,
        operation=operation,
        parent=parent,
    )
    ask_worker(action)
    return action


def record_action(
    *,
    project: Project,
    kind: str,
    arguments: Mapping[str, Any],
    now: datetime,
    operation: str = "",
    parent: AsyncAction | None = None,
) -> AsyncAction:
    """Record an action that nobody works on yet."""
    return AsyncAction.objects.create(
        project=project,
        type=kind,
        operation=operation or kind,
        arguments=dict(arguments),
        request_id=request_context.current().request_id,
        source=request_context.work_source(),
        created_at=now,
        parent=parent,
    )


@transaction.atomic
def ask_again(action_id: str, *, turn: int | None = None) -> None:
    """Ask a worker to go on with an action, unless it waits for parts of its own.

    Messages sent before are void from now on. With ``turn`` nobody is asked where
    somebody has been asked since.
    """
    workable = AsyncAction.objects.workable().filter(pk=action_id)
    action = workable.select_for_update(skip_locked=True, of=("self",)).first()
    if action is None or turn not in {None, action.turn}:
        return
    action.turn += 1
    action.save(update_fields=["turn"])
    ask_worker(action)


def ask_worker(action: AsyncAction) -> None:
    """Ask a worker to run an action once the transaction commits."""
    # Sent by name: tasks call services, never the other way round.
    message = [action.pk, action.turn]
    send = partial(current_app.send_task, "promo.jobs.tasks.run_action", message)
    transaction.on_commit(send, robust=True)


def let_next_run(ended: AsyncAction) -> None:
    """Ask a worker for who has waited for an action, once its end is committed."""
    if is_exclusive(ended.type):
        transaction.on_commit(lambda: _ask_next(ended), robust=True)


@transaction.atomic
def _ask_next(ended: AsyncAction) -> None:
    waiting = next_waiting(ended)
    if waiting is not None:
        ask_worker(waiting)


@transaction.atomic
def run_step(action_id: str, *, now: datetime) -> bool:
    """Run one step of an action; return whether another one is owed.

    1. Lock the row; when another worker holds it, it waits for its parts or another
       action goes first, there is nothing to do.
    2. Call the step function: it writes its rows and ``action.progress`` inside
       this transaction and answers whether the work is complete.
    3. Save; the commit makes rows and progress one fact, so a killed worker
       repeats the step from where it began.
    """
    workable = AsyncAction.objects.workable().filter(pk=action_id)
    action = workable.select_for_update(skip_locked=True, of=("self",)).first()
    if action is None:
        return False
    if not may_run(action):
        action.stepped_at = now
        action.save(update_fields=["stepped_at"])
        return False
    action.status = ActionStatus.IN_PROGRESS
    try:
        with (
            transaction.atomic(),
            request_context.acting_for(action.request_id, action.source),
            told(by_hand=False),
        ):
            complete = step_of(action.type)(action, now=now)
    except PromoError as refused:
        _fail(action, refused, now)
        return False
    if complete:
        action.status = ActionStatus.DONE
        action.finished_at = now
        _after_end(action)
    action.stepped_at = now
    action.save()
    return not complete


def step_of(kind: str) -> Step:
    """Return the function that does the next step of an action of this type."""
    step: Step = import_string(settings.ASYNC_ACTIONS[kind])
    return step


def run_all(project: Project, *, now: datetime) -> None:
    """Run whatever a project waits for to its end, here instead of in workers."""
    workable = project.async_actions.workable()
    while waiting := list(workable.values_list("pk", flat=True)):
        for action_id in waiting:
            while run_step(action_id, now=now):
                pass


def _fail(action: AsyncAction, refused: PromoError, now: datetime) -> None:
    """End an action; what its earlier steps reported stays, and that alone."""
    action.refresh_from_db()
    action.status = ActionStatus.FAILED
    action.result = action.result | {
        "error": {
            "key": refused.key,
            "message": refused.message,
            "details": refused.details,
        }
    }
    action.stepped_at = action.finished_at = now
    action.save()
    _after_end(action)
    log.warning("async_action_failed", action_id=action.pk, key=refused.key)


def _after_end(action: AsyncAction) -> None:
    """Have go on who waited for an action, and count it, once its end is committed."""
    _wake_parent(action)
    let_next_run(action)
    ended = partial(count_ended_job, kind=action.type, status=action.status)
    transaction.on_commit(ended, robust=True)


def _wake_parent(action: AsyncAction) -> None:
    """Have an action go on when the last of its parts has ended."""
    if action.parent_id is not None:
        transaction.on_commit(partial(ask_again, action.parent_id), robust=True)
