"""The webhook behind a distribution's channel, which does the sending."""

from datetime import datetime

from webhooks.models import (
    Delivery,
    Distribution,
    DistributionMessage,
    DistributionStatus,
    MessageState,
    Status,
    Webhook,
)
from webhooks.services.fan_out import wake_senders
from webhooks.services.secrets import ensure_secret

KIND = "WEBHOOK"


def keep_endpoint(distribution: Distribution, *, now: datetime) -> None:
    """Let the webhook of a distribution be what its channel says, in a transaction.

    It is made with the first such channel, and rests while the distribution does. One
    whose channel is gone is owed nothing any more.
    """
    content = next(
        (each["content"] for each in distribution.channels if each["type"] == KIND),
        None,
    )
    held = Webhook.objects.select_for_update(no_key=True).filter(
        distribution=distribution
    )
    endpoint = held.first()
    if content is None:
        if endpoint is not None:
            _call_off(distribution, now)
            endpoint.delete()
        return
    if endpoint is None:
        ensure_secret(distribution.project, now=now)
        endpoint = Webhook(
            project=distribution.project, distribution=distribution, created_at=now
        )
    endpoint.target_url = content["target_url"]
    endpoint.headers = content.get("headers", {})
    endpoint.updated_at = now
    _follow(endpoint, distribution)
    endpoint.save()


def _call_off(distribution: Distribution, now: datetime) -> None:
    """Cancel what is on its way through a channel that goes."""
    rows = DistributionMessage.objects.filter(
        distribution=distribution, channel=KIND, state=MessageState.SENDING
    )
    rows.update(state=MessageState.CANCELED, reason="channel_gone", finished_at=now)


def follow_status(distribution: Distribution, *, now: datetime) -> None:
    """Let the webhook send while its distribution does; what it is owed is kept."""
    rows = Webhook.objects.select_for_update(no_key=True)
    endpoint = rows.filter(distribution=distribution).first()
    if endpoint is None:
        return
    _follow(endpoint, distribution)
    endpoint.updated_at = now
    endpoint.save()
    pending = Delivery.objects.filter(webhook=endpoint, status=Status.PENDING)
    if endpoint.active and pending.exists():
        wake_senders()


def _follow(endpoint: Webhook, distribution: Distribution) -> None:
    endpoint.active = distribution.status != DistributionStatus.PAUSED
    if endpoint.active:
        endpoint.disabled_at = endpoint.paused_until = endpoint.notice_sent_at = None
        endpoint.failures = 0
