"""What the home page says of webhooks."""

from collections.abc import Sequence
from datetime import date

from promo.admin.filters import midnight
from promo.admin.summary import Figure, list_address
from promo.admin.visit import Visit
from webhooks.models import Delivery, Status


def failed_sendouts(seen: Visit, since: date) -> Sequence[Figure]:
    """Return how many messages to webhooks have failed since a day."""
    if seen.project is None or not seen.may("webhooks.read"):
        return ()
    rows = Delivery.objects.filter(project=seen.project, status=Status.FAILED)
    count = rows.filter(created_at__gte=midnight(since)).count()
    link = list_address(
        "webhooks_delivery",
        status__exact=Status.FAILED,
        created_at_from=since.isoformat(),
    )
    title = "Messages to webhooks that failed"
    tone = "bad" if count else ""
    return [Figure(title, f"{count:,}", link=link, tone=tone)]
