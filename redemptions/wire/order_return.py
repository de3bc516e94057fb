"""Returns of units as the API and events show them.

Source: ADR 0014.
"""

from collections.abc import Iterable
from typing import Any

from promo import ids
from promo.clock import isoformat
from redemptions.engine.returns import OTHER
from redemptions.models import OrderReturn, ReturnedLine, ReturnedShare
from redemptions.models.redemption import PREFIXES, Kind, Result

Json = dict[str, Any]

_REDEMPTION = PREFIXES[Kind.REDEMPTION, Result.SUCCESS]


def return_as_json(
    made: OrderReturn, lines: Iterable[ReturnedLine], shares: Iterable[ReturnedShare]
) -> Json:
    """Return one return; money is minor units, related rows must be loaded."""
    return {
        "id": made.pk,
        "order_id": made.order_id,
        "source_id": made.source_id,
        "reason": made.reason or None,
        "metadata": made.metadata,
        "amount": made.amount,
        "discount_amount": made.discount_amount,
        "refund_amount": made.refund_amount,
        "items": [_line(each) for each in lines],
        "redemptions": [_share(each) for each in shares],
        "created_at": isoformat(made.created_at),
        "object": "order_return",
    }


def _line(line: ReturnedLine) -> Json:
    sold = line.sold_line
    return {
        "id": sold.line_id or None,
        "index": sold.position,
        "quantity": line.quantity,
        "amount": line.amount,
        "discount_amount": line.discount_amount,
        "refund_amount": line.amount - line.discount_amount,
        "discounts": [
            {"redemption_id": _shown(key), "amount": amount}
            for key, amount in sorted(line.discounts.items())
            if amount
        ],
        "object": "order_return_item",
    }


def _shown(key: str) -> str | None:
    return None if key == OTHER else f"{_REDEMPTION}{key}"


def _share(share: ReturnedShare) -> Json:
    shown: Json = {
        "id": ids.show(_REDEMPTION, share.redemption.pk),
        "discount_amount": share.discount_amount,
    }
    if share.card_amount is not None:
        is_of_points = share.redemption.reward is not None
        shown |= (
            {"loyalty_card": {"points": share.card_amount}}
            if is_of_points
            else {"gift": {"amount": share.card_amount}}
        )
    if share.rollback is not None:
        shown["rollback_id"] = share.rollback.shown_id
    return shown
