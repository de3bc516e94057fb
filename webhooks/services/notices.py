"""Telling people that a webhook has been switched off, or a distribution paused."""

from datetime import datetime
from typing import TypeVar

import structlog
from django.conf import settings
from django.contrib.admin.utils import quote
from django.core import mail
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from promo.tenancy.models import Membership, Project
from webhooks.models import Distribution, DistributionStatus, Webhook
from webhooks.services.distributions.settling import EXHAUSTED

M = TypeVar("M", Webhook, Distribution)
log = structlog.get_logger()
_SUBJECT = "A webhook of {project} has been switched off"
_TEXT = """{target} has not taken a sendout in any of its attempts, so this webhook of
{project} gets nothing any more. What it is owed is kept.

When the receiver works again, switch the webhook on: {address}
"""
_PAUSED_SUBJECT = "A distribution of {project} has been paused"
_PAUSED = """The webhook of the distribution "{name}" of {project} has not taken a
message in any of its attempts, so the distribution is paused. What it owes is kept.

When the receiver works again, resume it at the dashboard: {address}
"""


def send_notices(*, now: datetime) -> int:
    """Write to administrators of what was switched off and they were not told of.

    Return how many letters went out. What it is about is marked first: people get a
    letter once, or none where mail fails.
    """
    told = 0
    for letters in _claimed(now):
        with mail.get_connection() as connection:
            try:
                told += connection.send_messages(letters) or 0
            except OSError as failed:
                log.warning("notice_not_sent", error=type(failed).__name__)
    return told


@transaction.atomic
def _claimed(now: datetime) -> list[list[mail.EmailMessage]]:
    """Return the letters about each webhook and distribution, which are marked."""
    webhooks = Webhook.objects.configured().exclude(disabled_at=None)
    paused = Distribution.objects.filter(
        status=DistributionStatus.PAUSED, paused_reason=EXHAUSTED
    )
    return [
        *(_about_webhook(each) for each in _marked(webhooks, now)),
        *(_about_distribution(each) for each in _marked(paused, now)),
    ]


def _marked(rows: QuerySet[M], now: datetime) -> list[M]:
    waiting = rows.filter(notice_sent_at=None).select_related("project")
    held = waiting.select_for_update(skip_locked=True, of=("self",))
    found = list(held.order_by("pk"))
    rows.model._default_manager.filter(  # noqa: SLF001 - Django's documented name
        pk__in=[each.pk for each in found]
    ).update(notice_sent_at=now)
    return found


def _about_webhook(webhook: Webhook) -> list[mail.EmailMessage]:
    page = reverse("admin:webhooks_webhook_change", args=[quote(webhook.pk)])
    text = _TEXT.format(
        target=webhook.target_url,
        project=webhook.project.name,
        address=settings.PUBLIC_URL + page,
    )
    return _letters(webhook.project, _SUBJECT, text)


def _about_distribution(distribution: Distribution) -> list[mail.EmailMessage]:
    page = reverse("admin:webhooks_distribution_change", args=[quote(distribution.pk)])
    text = _PAUSED.format(
        name=distribution.name,
        project=distribution.project.name,
        address=settings.PUBLIC_URL + page,
    )
    return _letters(distribution.project, _PAUSED_SUBJECT, text)


def _letters(project: Project, subject: str, text: str) -> list[mail.EmailMessage]:
    about = " ".join(subject.format(project=project.name).split())
    people = Membership.objects.filter(
        project=project, role__name__in=("OWNER", "ADMIN"), user__is_active=True
    )
    return [
        mail.EmailMessage(about, text, to=[address])
        for address in people.values_list("user__email", flat=True).order_by(
            "user__email"
        )
    ]
