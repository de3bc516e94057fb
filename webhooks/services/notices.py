"""Telling people that a webhook has been switched off."""

from datetime import datetime

import structlog
from django.conf import settings
from django.contrib.admin.utils import quote
from django.core import mail
from django.db import transaction
from django.urls import reverse

from promo.tenancy.models import Membership
from webhooks.models import Webhook

log = structlog.get_logger()
_SUBJECT = "A webhook of {project} has been switched off"
_TEXT = """{target} has not taken a sendout in any of its attempts, so this webhook of
{project} gets nothing any more. What it is owed is kept.

When the receiver works again, switch the webhook on: {address}
"""


def send_notices(*, now: datetime) -> int:
    """Write to the administrators of webhooks that nobody was told of; return how many.

    A webhook is marked first: people get a letter once, or none where mail fails.
    """
    told = 0
    for webhook in _claimed(now):
        with mail.get_connection() as connection:
            letters = _letters(webhook)
            try:
                told += connection.send_messages(letters) or 0
            except OSError as failed:
                log.warning("notice_not_sent", error=type(failed).__name__)
    return told


@transaction.atomic
def _claimed(now: datetime) -> list[Webhook]:
    waiting = Webhook.objects.exclude(disabled_at=None).filter(notice_sent_at=None)
    held = waiting.select_related("project").select_for_update(
        skip_locked=True, of=("self",)
    )
    found = list(held.order_by("pk"))
    Webhook.objects.filter(pk__in=[each.pk for each in found]).update(
        notice_sent_at=now
    )
    return found


def _letters(webhook: Webhook) -> list[mail.EmailMessage]:
    project = webhook.project
    page = reverse("admin:webhooks_webhook_change", args=[quote(webhook.pk)])
    address = settings.PUBLIC_URL + page
    text = _TEXT.format(
        target=webhook.target_url, project=project.name, address=address
    )
    subject = " ".join(_SUBJECT.format(project=project.name).split())
    people = Membership.objects.filter(
        project=project, role__name="ADMIN", user__is_active=True
    )
    return [
        mail.EmailMessage(subject, text, to=[address])
        for address in people.values_list("user__email", flat=True).order_by(
            "user__email"
        )
    ]
