"""Telling, in the activity of customers, what became of messages to them.

Source: data specification, "Activity".
"""

from collections.abc import Sequence
from datetime import datetime

from customers.services.recipients import people_by_id
from customers.services.rendering import simple_customer
from promo.outbox.events import emit
from promo.tenancy.models import Project
from webhooks import events
from webhooks.models import DistributionMessage, MessageState

#: Kind of channel -> what events call it. Of others the sendouts themselves tell.
_TOLD = {"EMAIL": "email", "SMS": "sms"}


def tell_attempts(
    project: Project,
    tried: Sequence[tuple[DistributionMessage, str]],
    *,
    now: datetime,
) -> None:
    """Tell of messages that were just tried, each with the address; two statements.

    The first attempt tells that a message was sent or that it failed, a later one only
    that it has recovered: what is tried again and again is told once.
    """
    news = [
        (row, recipient, what)
        for row, recipient in tried
        if row.channel in _TOLD and (what := _became(row))
    ]
    people = people_by_id(project, {row.customer_id for row, _, _ in news})
    told = [
        events.message_tried(
            f"customer.{_TOLD[row.channel]}.{what}",
            row.pk,
            simple_customer(people[row.customer_id]),
            {"channel": row.channel, "recipient": recipient},
        )
        for row, recipient, what in news
        if row.customer_id in people
    ]
    emit(project, told, now=now)


def _became(row: DistributionMessage) -> str:
    is_first = row.attempts_made == 1
    if row.state == MessageState.SENT:
        return "sent" if is_first else "recovered"
    return "failed" if is_first else ""
