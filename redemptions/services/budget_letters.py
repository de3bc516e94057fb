"""Writing to people that a budget is used up, or nearly."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib.admin.utils import quote
from django.core import mail
from django.db import transaction
from django.urls import reverse

from promo.money import in_major_units
from redemptions.engine.counters import COUNTERS
from redemptions.engine.rule_subjects import MONEY, subject_of
from redemptions.models import BudgetAlert, BudgetWatch

#: How long after it was reached a threshold is still worth a letter.
_TOLD_WITHIN = timedelta(days=1)
_BATCH = 100
_TEXT = """{campaign} in {project}: {used} of {limit} are used, {percent} %.

It is about {what}.{stopped}

{address}
"""
_STOPPED = "\n\nThe campaign has been disabled. Enable it when the limit is raised."

log = structlog.get_logger()


def send_budget_letters(*, now: datetime) -> int:
    """Write to the recipients whom nobody was told of; return how many letters went.

    Alerts are marked first: people get a letter once, or none where mail fails.
    """
    sent = 0
    alerts = _claimed(now)
    if not alerts:
        return 0
    with mail.get_connection() as connection:
        for alert in alerts:
            try:
                sent += connection.send_messages(_letters(alert)) or 0
            except OSError as failed:
                log.warning("budget_letter_not_sent", error=type(failed).__name__)
    return sent


@transaction.atomic
def _claimed(now: datetime) -> list[BudgetAlert]:
    waiting = BudgetAlert.objects.filter(
        told_at=None, created_at__gt=now - _TOLD_WITHIN
    )
    held = waiting.select_related("project", "campaign__budget_watch")
    held = held.select_for_update(skip_locked=True, of=("self",))
    found = list(held.order_by("created_at", "pk")[:_BATCH])
    told = BudgetAlert.objects.filter(pk__in=[alert.pk for alert in found])
    told.update(told_at=now)
    return found


def _letters(alert: BudgetAlert) -> list[mail.EmailMessage]:
    """Return one letter for each recipient, so that none sees the others."""
    campaign, project = alert.campaign, alert.project
    watch: BudgetWatch = campaign.budget_watch

    def shown(number: int) -> str:
        if alert.rule in MONEY:
            return f"{in_major_units(number):,.2f} {project.currency}"
        return f"{number:,}"

    text = _TEXT.format(
        campaign=campaign.name,
        project=project.name,
        used=shown(alert.used),
        limit=shown(alert.limit),
        percent=alert.used * 100 // alert.limit if alert.limit else 100,
        what=subject_of(alert.rule, None).text,
        stopped=_STOPPED if alert.stopped else "",
        address=settings.PUBLIC_URL + reverse("budget", args=[quote(campaign.pk)]),
    )
    window = COUNTERS[alert.rule].window
    state = "stopped" if alert.stopped else f"{alert.threshold} % used"
    when = {"d": " today", "w": " this week", "m": " this month", None: ""}[window]
    subject = " ".join(f"Budget of {campaign.name}: {state}{when}".split())
    return [
        mail.EmailMessage(subject, text, to=[address]) for address in watch.recipients
    ]
