"""What became of redemptions and rollbacks, as events tell it."""

from collections.abc import Iterable, Iterator
from typing import Any

from campaigns.models import Voucher
from campaigns.wire import simple_campaign, simple_voucher
from customers.services.rendering import simple_customer
from promo import ids
from promo.clock import isoformat
from promo.outbox.events import Event
from redemptions import events
from redemptions.models import Redemption
from redemptions.wire.redemption import redemption_as_json

#: What becomes of a reward with what becomes of the redemption that buys it.
_OF_REWARDS = {
    "redemption.succeeded": ("created", "completed"),
    "redemption.rollback.succeeded": ("rolledback",),
}


def redemption_events(what: str, rows: Iterable[Redemption]) -> list[Event]:
    """Return the events that tell ``what`` happened to each of ``rows``, in turn.

    ``what`` is as ``events.about_redemption`` takes it; related rows are loaded.
    """
    return [event for row in rows for event in _about(what, row)]


def _about(what: str, row: Redemption) -> Iterator[Event]:
    thing = row.voucher or row.promotion_tier
    campaign = thing.campaign if thing else None
    yield from events.about_redemption(
        what,
        redemption_as_json(row),
        campaign_id=row.campaign_id,
        campaign=simple_campaign(campaign) if campaign else None,
        holder=holder_of(row, row.voucher) if row.voucher else None,
        redemption=redemption_as_json(row.original) if row.original else None,
    )
    if row.reward is not None and row.customer is not None:
        for state in _OF_REWARDS.get(what, ()):
            yield _of_reward(state, row)


def holder_of(row: Redemption, voucher: Voucher) -> dict[str, Any] | None:
    """Return the holder of a voucher that ``row`` is about.

    Of a holder who is not the customer only the id is told.
    """
    if not voucher.holder_id:
        return None
    if row.customer is not None and row.customer.pk == voucher.holder_id:
        return simple_customer(row.customer)
    return {"id": voucher.holder_id, "object": "customer"}


def _of_reward(state: str, row: Redemption) -> Event:
    """Return what tells the customer how it stands with a reward.

    A rollback is about the handing out that it undoes.
    """
    bought = row.original or row
    customer = simple_customer(row.customer) if row.customer else {}
    reward, card = row.reward or {}, row.voucher
    source = {"id": bought.shown_id, "type": "REDEMPTION"}
    handed_out = {
        "id": ids.show("rewr_", bought.pk),
        "state": state.upper(),
        "created_at": isoformat(bought.created_at),
        "updated_at": isoformat(row.created_at) if row.original else None,
        "voucher_id": card.pk if card else None,
        "campaign_id": row.campaign_id,
        "customer_id": row.customer_id,
        "reward_assignment_id": reward.get("assignment_id"),
        "source_id": source["id"],
        "source_type": source["type"],
    }
    return events.about_reward(
        state,
        customer,
        holder=customer,
        voucher=simple_voucher(card) if card else None,
        campaign=simple_campaign(card.campaign) if card and card.campaign else None,
        reward_redemption=handed_out,
        reward=reward,
        reward_assignment={"id": reward.get("assignment_id")},
        source=source,
        balance={"amount": -(row.card_amount or 0)},
    )
