"""The answer to a redemption."""

from typing import Any

from promo import request_context
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

    answer: Json = {"redemptions": [redemption_as_json(row) for row in done.rows]}
    if done.parent is not None:
        answer["parent_redemption"] = redemption_as_json(done.parent)
    answer["order"] = done.order
    answer["inapplicable_redeemables"] = entries(decision.inapplicable)
    answer["skipped_redeemables"] = entries(decision.skipped)
    if explain:
        answer["explain"] = decision.explain()
    return answer
