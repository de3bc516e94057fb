"""What became of redemptions and rollbacks, as events tell it."""

from collections.abc import Iterable

from promo.outbox.events import Event
from redemptions import events
from redemptions.models import Redemption
from redemptions.wire.redemption import redemption_as_json


def redemption_events(what: str, rows: Iterable[Redemption]) -> list[Event]:
    """Return the events that tell ``what`` happened to each of ``rows``, in turn.

    ``what`` is as ``events.about_redemption`` takes it; related rows are loaded.
    """
    return [
        event
        for row in rows
        for event in events.about_redemption(
            what, redemption_as_json(row), campaign_id=row.campaign_id
        )
    ]
