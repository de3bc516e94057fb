"""Starting long work and running it step by step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from promo import request_context
from promo.errors import PromoError
from promo.jobs.models import ActionStatus, AsyncAction
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
) -> AsyncAction:
    """Record an action and, once the transaction commits, ask a worker to run it.

    A lost message costs only time: the sweep finds the row.
    """
    action = record_action(
        project=project, kind=kind, arguments=arguments, now=now, operation=operation
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
) -> AsyncAction:
    """Record an action that nobody works on yet."""
    return AsyncAction.objects.create(
        project=project,
        type=kind,
        operation=operation or kind,
        arguments=dict(arguments),
        request_id=request_context.current().request_id,
        source=request_context.event_source(),
        created_at=now,
    )


def ask_worker(action: AsyncAction) -> None:
    """Ask a worker to run an action once the transaction commits."""
    # Sent by name: tasks call services, never the other way round.
    task, arguments = "promo.jobs.tasks.run_action", [action.pk]
    transaction.on_commit(lambda: current_app.send_task(task, arguments), robust=True)


@transaction.atomic
def run_step(action_id: str, *, now: datetime) -> bool:
    """Run one step of an action; return whether another one is owed.

    1. Lock the row; when another worker holds it, there is nothing to do.
    2. Call the step function: it writes its rows and ``action.progress`` inside
       this transaction and answers whether the work is complete.
    3. Save; the commit makes rows and progress one fact, so a killed worker
       repeats the step from where it began.
    """
    unfinished = AsyncAction.objects.filter(pk=action_id, finished_at=None)
    action = unfinished.select_for_update(skip_locked=True, of=("self",)).first()
    if action is None:
        return False
    action.status = ActionStatus.IN_PROGRESS
    try:
        with (
            transaction.atomic(),
            request_context.acting_for(action.request_id, action.source),
        ):
            complete = step_of(action.type)(action, now=now)
    except PromoError as refused:
        _fail(action, refused, now)
        return False
    if complete:
        action.status = ActionStatus.DONE
        action.finished_at = now
    action.stepped_at = now
    action.save()
    return not complete


def step_of(kind: str) -> Step:
    """Return the function that does the next step of an action of this type."""
    step: Step = import_string(settings.ASYNC_ACTIONS[kind])
    return step


def _fail(action: AsyncAction, refused: PromoError, now: datetime) -> None:
    """End an action; what its earlier steps reported stays."""
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
    log.warning("async_action_failed", action_id=action.pk, key=refused.key)
