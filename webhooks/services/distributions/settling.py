"""Writing down what came of messages, and of the webhooks that carry them.

Source: campaigns specification, "Distributions"; platform specification, "Delivery
contract".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from promo.row_writer import RowWriter
from webhooks.channels import Outcome, Result
from webhooks.engine.schedule import next_attempt_at
from webhooks.models import (
    Delivery,
    Distribution,
    DistributionMessage,
    DistributionStatus,
    MessageState,
    Status,
    Webhook,
)
from webhooks.services.distributions.attempts_told import tell_attempts
from webhooks.services.distributions.lifecycle import set_paused

EXHAUSTED = "webhook_exhausted"
_WRITER = RowWriter(DistributionMessage)
_CHANGED = (
    *("state", "reason", "problem", "due_at", "claimed_until", "attempts_made"),
    *("first_attempt_at", "publication_id", "sent", "finished_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of a message.

    WAITING with another ``due_at`` is put off. ``sent`` is what went out, if anything;
    ``recipient`` the address that an attempt was made at.
    """

    message: DistributionMessage
    state: str
    reason: str = ""
    problem: str = ""
    due_at: datetime | None = None
    publication_id: str = ""
    sent: Mapping[str, Any] | None = None
    recipient: str = ""
    is_attempt: bool = False


def of_outcome(
    message: DistributionMessage,
    outcome: Outcome,
    *,
    sent: Mapping[str, Any],
    recipient: str,
    publication_id: str,
    now: datetime,
) -> Settlement | None:
    """Return what an attempt makes of a message; None for what was passed on."""
    shared: dict[str, Any] = {
        "message": message,
        "publication_id": publication_id,
        "problem": outcome.reason[:200],
        "recipient": recipient,
        "is_attempt": True,
    }
    if outcome.result is Result.PASSED_ON:
        return None
    if outcome.result is Result.SENT:
        return Settlement(state=MessageState.SENT, sent=sent, **shared)
    if outcome.result is Result.REFUSED:
        return Settlement(state=MessageState.FAILED, reason="refused", **shared)
    first = message.first_attempt_at or now
    again = next_attempt_at(first, message.attempts_made + 1)
    if again is None:
        return Settlement(state=MessageState.FAILED, reason="not_delivered", **shared)
    return Settlement(
        state=MessageState.WAITING, reason="trying_again", due_at=again, **shared
    )


@transaction.atomic
def settle(settled: Sequence[Settlement], *, now: datetime) -> None:
    """Write down what became of messages that the caller has claimed, and tell of it.

    A fixed number of statements. Those that are over meanwhile, or gone with their
    customer, stay so.
    """
    keys = [each.message.pk for each in settled]
    if not keys:
        return
    rows = DistributionMessage.objects.waiting().filter(pk__in=keys).order_by("pk")
    held = {row.pk: row for row in rows.select_for_update(no_key=True)}
    changed, tried = [], list[tuple[DistributionMessage, str]]()
    for each in settled:
        row = held.get(each.message.pk)
        if row is not None:
            _apply(row, each, now)
            changed.append(row)
            tried += [(row, each.recipient)] if each.is_attempt else []
    if changed:
        _WRITER.update(changed, _CHANGED)
        tell_attempts(settled[0].message.distribution.project, tried, now=now)


def _apply(row: DistributionMessage, each: Settlement, now: datetime) -> None:
    row.state, row.reason, row.problem = each.state, each.reason, each.problem
    row.claimed_until = None
    row.due_at = each.due_at or row.due_at
    row.publication_id = each.publication_id or row.publication_id
    if each.sent is not None:
        row.sent = dict(each.sent)
    if each.is_attempt:
        row.attempts_made += 1
        row.first_attempt_at = row.first_attempt_at or now
    row.finished_at = None if each.state == MessageState.WAITING else now


def held_distributions(webhook_ids: Sequence[str]) -> dict[str, Distribution]:
    """Return, held, the distributions whose channels these webhooks are, by webhook.

    They are held before their webhooks, as whoever changes them does.
    """
    rows = Distribution.objects.filter(endpoint__in=webhook_ids).order_by("pk")
    held = rows.select_for_update(no_key=True, of=("self",))
    return {each.endpoint.pk: each for each in held.select_related("endpoint")}


def settle_deliveries(
    deliveries: Sequence[Delivery],
    webhooks: Mapping[str, Webhook],
    distributions: Mapping[str, Distribution],
    *,
    now: datetime,
) -> None:
    """Let messages show what came of the sendouts that carry them.

    A distribution whose sendout has failed for the last time is paused. The caller
    holds all of these.
    """
    carried = {each.message_id: each for each in deliveries if each.message_id}
    if not carried:
        return
    rows = DistributionMessage.objects.filter(pk__in=carried).order_by("pk")
    held = list(rows.select_for_update(no_key=True))
    for row in held:
        _follow(row, carried[row.pk], now)
    if held:
        _WRITER.update(held, _CHANGED)
    for key, distribution in distributions.items():
        off = webhooks[key].disabled_at == now
        if off and distribution.status == DistributionStatus.ACTIVE:
            set_paused(distribution, reason=EXHAUSTED, now=now)


def _follow(row: DistributionMessage, delivery: Delivery, now: datetime) -> None:
    row.attempts_made = delivery.attempts_made
    row.first_attempt_at = delivery.first_attempt_at
    if delivery.status == Status.SUCCEEDED:
        row.state, row.reason, row.finished_at = MessageState.SENT, "", now
    elif delivery.status == Status.FAILED:
        row.state, row.finished_at = MessageState.FAILED, now
        row.reason = "not_delivered"
    else:
        row.state, row.reason = MessageState.SENDING, "trying_again"
        row.finished_at = None
