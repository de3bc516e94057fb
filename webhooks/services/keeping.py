"""How long sendouts are kept, and forgetting people in what receivers answered."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from customers.services.forgetting import person_of
from webhooks.models import Attempt, Delivery
from webhooks.services.batches import delete_batch


def forget_old_sendouts(now: datetime) -> int:
    """Delete finished sendouts that are kept no longer; return how many.

    At most a batch goes at once. A later replay may still send their events, with
    new ids.
    """
    before = now - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    old = Delivery.objects.finished().filter(created_at__lt=before)
    return delete_batch(old.order_by("created_at"))


def forget_customer(customer: Any, *, now: datetime) -> dict[str, int]:
    """Take a person out of what receivers answered; nothing of it is counted.

    Bodies are made of events, and go with them.
    """
    person = person_of(customer)
    named = Q()
    for text in {person.id, *person.texts}:
        named |= Q(response_body__contains=text)
    answers = Attempt.objects.filter(named, delivery__project=customer.project)
    answers.update(response_body="")
    return {}
