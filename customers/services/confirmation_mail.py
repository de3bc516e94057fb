"""Sending the links by which people confirm their address.

A row says itself whether its e-mail went out, so nothing is lost with a worker that
dies; its e-mail may then go out twice.
"""

from datetime import datetime, timedelta

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from customers.models import UnconfirmedCustomer
from customers.services.confirmation import KEPT
from customers.services.links import confirmation_address

log = structlog.get_logger()
BATCH = 50
#: How long one worker is left alone with an e-mail before another one tries.
CLAIM = timedelta(minutes=5)


def send_confirmations(*, now: datetime) -> int:
    """Send what waits, at most a batch; return how many e-mails went out."""
    sent = 0
    for pending in _claimed(now):
        try:
            _message(pending).send()
        except OSError as failure:
            # A mail server that is away; the claim runs out and it is tried again.
            log.warning(
                "confirmation_not_sent",
                unconfirmed_customer_id=pending.pk,
                reason=type(failure).__name__,
            )
            continue
        rows = UnconfirmedCustomer.objects.filter(pk=pending.pk)
        sent += rows.update(mailed_at=now, claimed_until=None)
    return sent


@transaction.atomic
def _claimed(now: datetime) -> list[UnconfirmedCustomer]:
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    due = UnconfirmedCustomer.objects.filter(
        free, mailed_at=None, confirmed_at=None, expires_at__gt=now
    )
    rows = due.select_related("project").order_by("pk")
    held = list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    claimed = UnconfirmedCustomer.objects.filter(pk__in=[one.pk for one in held])
    claimed.update(claimed_until=now + CLAIM)
    return held


def _message(pending: UnconfirmedCustomer) -> EmailMultiAlternatives:
    project = " ".join(pending.project.name.split())
    context = {
        "project": project,
        "address": confirmation_address(pending),
        "days": KEPT.days,
    }
    message = EmailMultiAlternatives(
        subject=f"Please confirm your address for {project}",
        body=render_to_string("email/confirm.txt", context),
        to=[pending.email],
    )
    page = render_to_string("email/confirm.html", context)
    message.attach_alternative(page, "text/html")
    return message
