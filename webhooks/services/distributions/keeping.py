"""How long messages are kept, and forgetting those to whom they went.

Source: data specification, "Delete and erase".
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from customers.services.forgetting import forget_in, person_of
from webhooks.models import (
    Delivery,
    Distribution,
    DistributionCount,
    DistributionMessage,
    MessageQuerySet,
)
from webhooks.services.distributions.stats import Tally, tallies

_BATCH = 5_000
#: Counts of days that are over are asked for nothing.
_DAYS_COUNTED = timedelta(days=3)


@transaction.atomic
def forget_old_messages(now: datetime) -> int:
    """Delete messages that have been over for long; return how many.

    At most a batch goes at once. Their numbers stay in the figures of the
    distributions, of which the counts of past days go too.
    """
    before = now - timedelta(days=settings.DISTRIBUTION_LOG_DAYS)
    old = DistributionMessage.objects.finished_before(before).order_by("finished_at")
    keys = list(old.values_list("pk", flat=True)[:_BATCH])
    day = f"day:{(now - _DAYS_COUNTED).date().isoformat()}"
    past = DistributionCount.objects.filter(bucket__startswith="day:", bucket__lt=day)
    past.delete()
    return _retire(DistributionMessage.objects.filter(pk__in=keys))


def forget_customer(customer: Any, *, now: datetime) -> dict[str, int]:
    """Delete what was, or was to be, sent to a person; nothing of it is counted.

    What others got that tells of the person tells of nobody from then on.
    """
    project = customer.project
    rows = DistributionMessage.objects.filter(project=project, customer_id=customer.pk)
    counts = DistributionCount.objects.filter(
        project=project, bucket=f"customer:{customer.pk}"
    )
    counts.delete()
    _retire(rows)
    forget_in(DistributionMessage, project, "sent", person_of(customer))
    return {}


def _retire(rows: MessageQuerySet) -> int:
    """Delete messages with their sendouts, in a transaction; keep their numbers.

    Held in the order in which who records attempts does: distributions, sendouts,
    messages.
    """
    counted = tallies(rows)
    if not counted:
        return 0
    distributions = Distribution.objects.filter(pk__in=counted).order_by("pk")
    for each in distributions.select_for_update(no_key=True):
        each.past_stats = _added(each.past_stats, counted[each.pk])
        each.save(update_fields=["past_stats"])
    carrying = Delivery.objects.filter(message__in=rows).order_by("pk")
    list(carrying.select_for_update(of=("self",)).values_list("pk", flat=True))
    deleted, by_model = rows.delete()
    del deleted
    return int(by_model.get(DistributionMessage._meta.label, 0))


def _added(past: Sequence[Sequence[Any]], more: Sequence[Tally]) -> list[list[Any]]:
    total: dict[tuple[Any, ...], int] = {}
    for *named, count in [*past, *more]:
        total[tuple(named)] = total.get(tuple(named), 0) + count
    return [[*named, count] for named, count in sorted(total.items())]
