"""The answer to a redemption."""

from typing import Any

from promo import request_context
from redemptions.engine.explanation import trace_of
from redemptions.engine.facts import StackingRules
from redemptions.engine.stacking import group_of
from redemptions.engine.wire import entry_as_json
from redemptions.services.recording import Recorded
from redemptions.services.requests import CheckoutRequest
from redemptions.wire.redemption import redemption_as_json

Json = dict[str, Any]


def recorded_as_json(
    done: Recorded, request: CheckoutRequest, *, explain: bool
) -> Json:
    """Return the redemptions in the order of application, and the order as kept."""
    decision = done.decision
    request_id = request_context.current().request_id

    def entries(chosen: Any) -> list[Json]:
        return [
            entry_as_json(
                entry,
                decision.facts.stacking,
                request_id=request_id,
                expand=request.expand,
            )
            for entry in chosen
        ]

    shown = [redemption_as_json(row) for row in done.rows]
    for each in shown:
        _tell_groups(each, decision.facts.stacking)
    answer: Json = {"redemptions": shown}
    if done.parent is not None:
        answer["parent_redemption"] = redemption_as_json(done.parent)
    answer["order"] = done.order
    answer["inapplicable_redeemables"] = entries(decision.inapplicable)
    answer["skipped_redeemables"] = entries(decision.skipped)
    if explain:
        answer["explain"] = trace_of(decision)
    return answer


def _tell_groups(redemption: Json, stacking: StackingRules) -> None:
    """Say of each category of what was redeemed how it stacks, where that is listed."""
    for kind in ("voucher", "promotion_tier"):
        for category in (redemption.get(kind) or {}).get("categories", ()):
            group = group_of(category["id"], stacking)
            if group is not None:
                category["stacking_rules_type"] = group
