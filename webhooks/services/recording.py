"""Writing down what came of attempts: the log, what is owed next, who is left alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from celery import current_app
from django.db import connection, transaction

from promo import sql_arrays
from promo.ids import parse, show
from promo.metrics.counts import count_attempt
from promo.row_writer import RowWriter
from webhooks.engine.schedule import next_attempt_at, paused_until
from webhooks.models import Attempt, Delivery, Status, Webhook
from webhooks.services.claiming import OURS, Prepared
from webhooks.services.distributions.settling import (
    held_distributions,
    settle_deliveries,
)
from webhooks.services.sending import Outcome

_DELIVERIES, _ATTEMPTS = RowWriter(Delivery), RowWriter(Attempt)
_CHANGED = ("status", "attempts_made", "first_attempt_at", "due_at", "finished_at")
_HELD = f"""
SELECT d.id, {", ".join(f"d.{name}" for name in _CHANGED)}
FROM {Delivery._meta.db_table} d WHERE d.id = ANY(%s::uuid[])
ORDER BY d.id FOR NO KEY UPDATE
"""  # noqa: S608 - names of our own
_OUTCOMES: Mapping[str, str] = {
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "given_up",
}
_WEBHOOKS = RowWriter(Webhook)
_PROVED = ("failures", "paused_until", "active", "disabled_at")
_NOTICE = "webhooks.tasks.send_notices"


@transaction.atomic
def record(done: Sequence[tuple[Prepared, Outcome]], *, now: datetime) -> None:
    """Record attempts and what follows from them, with a fixed number of statements.

    A sendout that has failed for the last time switches its webhook off; people are
    told once that is committed. What was deleted or taken back meanwhile stays so.
    """
    carrying = [each.delivery for each, _ in done if each.delivery.message_id]
    distributions = held_distributions([each.webhook_id for each in carrying])
    webhooks = _held_webhooks([each.delivery.webhook_id for each, _ in done])
    proved = {webhook.pk: _standing(webhook) for webhook in webhooks.values()}
    held = _held_deliveries([each.delivery.pk for each, _ in done])
    made = [
        (each.delivery, each, outcome)
        for each, outcome in done
        if each.delivery.pk in held
    ]
    for delivery, _, outcome in made:
        for name, value in held[delivery.pk].items():
            setattr(delivery, name, value)
        settle(delivery, outcome, now=now)
        _judge(webhooks[delivery.webhook_id], delivery, outcome, now)
    if made:
        _DELIVERIES.update(
            [delivery for delivery, *_ in made], [*_CHANGED, "claimed_until"]
        )
        _ATTEMPTS.insert_values([_attempt(*each) for each in made])
    settle_deliveries(
        [delivery for delivery, *_ in made], webhooks, distributions, now=now
    )
    changed = [each for each in webhooks.values() if _standing(each) != proved[each.pk]]
    if changed:
        _WEBHOOKS.update(changed, _PROVED)
    transaction.on_commit(partial(_count, made), robust=True)
    if any(webhook.disabled_at == now for webhook in webhooks.values()):
        send = partial(current_app.send_task, _NOTICE, retry=False)
        transaction.on_commit(send, robust=True)


def hand_back(untried: Sequence[Prepared]) -> None:
    """Leave sendouts that have not been tried to whoever claims them next."""
    mine = Delivery.objects.pending().filter(
        pk__in=[each.delivery.pk for each in untried],
        # A claim that has run out may be somebody else's by now.
        claimed_until__in={each.delivery.claimed_until for each in untried},
    )
    mine.update(claimed_until=None)


def settle(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """Let an unsaved sendout show what came of an attempt, and what is owed next."""
    delivery.attempts_made += 1
    delivery.first_attempt_at = delivery.first_attempt_at or outcome.started_at
    delivery.claimed_until = None
    again_at = next_attempt_at(delivery.first_attempt_at, delivery.attempts_made)
    if outcome.succeeded:
        delivery.status, delivery.finished_at = Status.SUCCEEDED, now
    elif again_at is None or delivery.sample is not None:
        delivery.status, delivery.finished_at = Status.FAILED, now
    else:
        delivery.due_at = again_at


def _held_deliveries(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Hold sendouts; return what may have changed of each since it was claimed."""
    keys = [parse("whs_", each) for each in ids]
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [sql_arrays.uuids(keys)])
        rows = cursor.fetchall()
    return {
        show("whs_", key): dict(zip(_CHANGED, values, strict=True))
        for key, *values in rows
    }


def _standing(webhook: Webhook) -> tuple[Any, ...]:
    return tuple(getattr(webhook, name) for name in _PROVED)


def _held_webhooks(ids: Sequence[str]) -> dict[str, Webhook]:
    rows = Webhook.objects.filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=True)}


def _judge(
    webhook: Webhook, delivery: Delivery, outcome: Outcome, now: datetime
) -> None:
    """Let an unsaved webhook show how it has proved."""
    if outcome.succeeded:
        webhook.failures, webhook.paused_until = 0, None
        return
    webhook.failures += 1
    webhook.paused_until = paused_until(webhook.failures, now)
    if delivery.status == Status.FAILED and delivery.sample is None and webhook.active:
        webhook.active, webhook.disabled_at = False, now


def _count(made: Sequence[tuple[Delivery, Prepared, Outcome]]) -> None:
    """Count attempts that have been recorded."""
    for delivery, _, outcome in made:
        count_attempt(
            outcome=_OUTCOMES.get(delivery.status, "failed"),
            seconds=outcome.duration / 1_000,
        )


def _attempt(delivery: Delivery, sent: Prepared, outcome: Outcome) -> dict[str, Any]:
    """Return the values of the row of an ``Attempt``."""
    ours = {name: value for name, value in sent.headers.items() if _is_ours(name, sent)}
    hidden = {name: "***" for name in sent.headers if name not in ours}
    return {
        "delivery_id": delivery.pk,
        "started_at": outcome.started_at,
        "duration": outcome.duration,
        "status_code": outcome.status_code,
        "error": outcome.error,
        "request_headers": ours | hidden,
        "response_body": outcome.response_body,
    }


def _is_ours(name: str, sent: Prepared) -> bool:
    return name in OURS or name not in sent.delivery.webhook.headers
