"""Referral codes: held by the referrer, used by somebody else.

Source: engine specification, "Persistence", "Check order"; campaigns specification,
"Referral programs".
"""

from dataclasses import replace

from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.order import OrderState
from redemptions.engine.refusals import Refusal


def referral_refusal(redeemable: Redeemable, facts: Facts) -> Refusal | None:
    """Refuse a referral code without a customer or a referrer, or of the customer."""
    if facts.customer is None:
        details = "Customer is required to validate rules"
        return Refusal("missing_customer", "Missing customer", details)
    code = redeemable.code or redeemable.ref
    if redeemable.holder_id is None:
        return Refusal("invalid_voucher", "Invalid voucher", code)
    if redeemable.holder_id == facts.customer.id:
        message = "voucher cannot be redeemed by referrer"
        return Refusal("referrer_not_permitted_to_redeem", message, code)
    return None


def referred(order: OrderState, redeemable: Redeemable) -> OrderState:
    """Return the order with the holder of a referral code as its first referrer."""
    if order.facts.referrer_id is not None:
        return order
    facts = replace(order.facts, referrer_id=redeemable.holder_id)
    return replace(order, facts=facts)
