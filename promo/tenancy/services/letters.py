"""Letters to the team: written inside a transaction, sent by a worker afterwards."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.core import mail
from django.db import transaction
from django.db.models import Q

from promo.tenancy.models import Letter

log = structlog.get_logger()
_BATCH = 50
#: How long one worker is left alone with a letter before another one tries.
_CLAIM = timedelta(minutes=5)
#: Letters that no mail server took for so long are thrown away.
_KEPT = timedelta(days=3)


def write_letters(
    recipients: Iterable[str], *, subject: str, text: str, now: datetime
) -> None:
    """Put the same letter into the queue for each recipient."""
    about = " ".join(subject.split())[:255]
    Letter.objects.bulk_create(
        Letter(recipient=each, subject=about, text=text, created_at=now)
        for each in recipients
    )


def send_letters(*, now: datetime) -> int:
    """Send what waits, at most a batch; return how many letters went out.

    A letter whose worker dies after sending may go out twice.
    """
    sent = 0
    for letter in _claimed(now):
        try:
            mail.EmailMessage(letter.subject, letter.text, to=[letter.recipient]).send()
        except OSError as failure:
            log.warning("letter_not_sent", reason=type(failure).__name__)
            continue
        letter.delete()
        sent += 1
    return sent


@transaction.atomic
def _claimed(now: datetime) -> list[Letter]:
    Letter.objects.filter(created_at__lte=now - _KEPT).delete()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    rows = Letter.objects.filter(free).select_for_update(skip_locked=True)
    held = list(rows.order_by("pk")[:_BATCH])
    claimed = Letter.objects.filter(pk__in=[each.pk for each in held])
    claimed.update(claimed_until=now + _CLAIM)
    return held
