"""The events of the checkout and of balances, and what they carry.

Source: platform specification, "Project events", "Distribution events".
"""

from promo.outbox.declaring import Audience, declare
from promo.outbox.shapes import (
    FREE,
    FREE_OR_NULL,
    LIST,
    MOMENT,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    WHOLE,
    WHOLE_OR_NULL,
    record,
    thing,
)

# Why nobody tells some of them yet.
_ASKING = "A validation writes nothing, so it tells nothing (decision 0027)."
_NO_REWARDS = "Referral programmes give no rewards yet."
_NO_EARNING = "There are no earning rules."
_NO_APPROVAL = "No reward waits for somebody's approval."
_NO_EXPIRY = "Points of loyalty cards do not expire yet."
_NO_TRANSFER = "Points are not activated or moved between loyalty cards yet."
_NO_PENDING = "There are no pending points."
_NO_STATUS = "No status of orders stands for it."
_NO_TIERS = "There are no tiers of loyalty programmes."

ACTIVITY, DISTRIBUTION = Audience.ACTIVITY, Audience.DISTRIBUTION
NOBODY, PROJECT = Audience.NOBODY, Audience.PROJECT

_REDEMPTION = {
    "date": MOMENT,
    "customer_id": TEXT_OR_NULL,
    "tracking_id": TEXT_OR_NULL,
    "metadata": FREE_OR_NULL,
    "result": TEXT,
    "status": TEXT,
    "order": FREE_OR_NULL,
    "channel": FREE,
    "customer": FREE_OR_NULL,
    "voucher": FREE_OR_NULL,
    "related_object_type": TEXT_OR_NULL,
    "related_object_id": TEXT_OR_NULL,
    "amount": WHOLE,
    "failure_code": TEXT,
    "failure_message": TEXT,
}

SHAPES = {
    "redemption": record("id", id=TEXT, object={"const": "redemption"}, **_REDEMPTION),
    "redemption_rollback": record(
        "id",
        id=TEXT,
        object={"const": "redemption_rollback"},
        reason=TEXT_OR_NULL,
        redemption=TEXT,
        **_REDEMPTION,
    ),
    "order": record(
        id=TEXT_OR_NULL,
        object={"const": "order"},
        source_id=TEXT_OR_NULL,
        status=TEXT,
        amount=WHOLE,
        discount_amount=WHOLE,
        total_discount_amount=WHOLE,
        total_amount=WHOLE,
        items=LIST,
        customer_id=TEXT_OR_NULL,
        referrer_id=TEXT_OR_NULL,
        metadata=FREE,
        created_at=MOMENT,
        updated_at=MOMENT_OR_NULL,
    ),
    "order_return": thing(
        "order_return",
        order_id=TEXT,
        amount=WHOLE,
        discount_amount=WHOLE,
        refund_amount=WHOLE,
        items=LIST,
        created_at=MOMENT,
    ),
    "transaction": record(
        "id",
        "voucher_id",
        id=TEXT,
        source_id=TEXT_OR_NULL,
        voucher_id=TEXT,
        campaign_id=TEXT_OR_NULL,
        type=TEXT,
        reason=TEXT_OR_NULL,
        details=FREE,
        created_at=MOMENT,
    ),
    "balance": record(
        amount=WHOLE_OR_NULL,
        type=TEXT,
        total=WHOLE,
        points=WHOLE,
        balance=WHOLE,
        operation_type=TEXT,
        related_object=FREE,
    ),
    "budget": record(
        "rule",
        "limit",
        "used",
        "threshold",
        rule=TEXT,
        period=TEXT,
        limit=WHOLE,
        used=WHOLE,
        left=WHOLE,
        threshold=WHOLE,
    ),
    "source": record("id", "type", id=TEXT, type=TEXT),
    "reward_redemption": record(
        "id", id=TEXT, state=TEXT, customer_id=TEXT_OR_NULL, created_at=MOMENT
    ),
    "named": record("id", id=TEXT),
    "buckets": LIST,
    "pending_points": record("id", id=TEXT, points=WHOLE, details=FREE),
}

_CARD, _GIFT = "voucher.loyalty_card", "voucher.gift"
_USED = "customer? order? campaign? voucher? holder:customer? promotion_tier? "
_USED += "promotion_stack? redemption"
_UNDONE = f"{_USED} redemption_rollback"
_EARNED = "customer holder:customer? voucher? campaign? loyalty_tier? earning_rule? "
_EARNED += "balance order? event? publication?"
_REWARDED = "customer holder:customer? voucher? campaign? redemption? reward "
_REWARDED += "referral_tier? balance? custom_event:event? customer_event:anything?"
_BOUGHT = "customer holder:customer? voucher? campaign? reward_redemption reward "
_BOUGHT += "reward_assignment source balance"
_MOVED = "transaction voucher campaign? holder:customer? balance order? "
_MOVED += "redemption:named? rollback:named? reward:named?"
_EXPIRED = "voucher points:count campaign? customer? buckets transaction"
_PENDING = "customer? campaign voucher voucher_pending_points_balance:balance order? "
_PENDING += "pending_points"
_ACTIVATED = "customer? campaign voucher balance order? transaction pending_points"
_PLACED = "customer referrer:customer? order redemption?"
_TO_CUSTOMER = DISTRIBUTION | ACTIVITY

EVENTS = (
    *declare(
        "redemption.succeeded",
        "redemption.failed",
        data=f"{_USED} created_at:moment",
        to=PROJECT,
    ),
    *declare(
        "redemption.rollback.succeeded",
        "redemption.rollback.failed",
        data=_UNDONE,
        to=PROJECT,
    ),
    *declare("customer.redemption.succeeded", data=_USED, to=_TO_CUSTOMER),
    *declare("customer.redemption.failed", data=_USED, to=ACTIVITY),
    *declare("customer.redemption.rollback.succeeded", data=_UNDONE, to=_TO_CUSTOMER),
    *declare("customer.redemption.rollback.failed", data=_UNDONE, to=ACTIVITY),
    *declare(
        "customer.validation.succeeded",
        "customer.validation.failed",
        data="customer",
        to=ACTIVITY,
        planned=_ASKING,
    ),
    *declare(
        "customer.rewarded",
        data=_REWARDED,
        to=PROJECT | _TO_CUSTOMER,
        planned=_NO_REWARDS,
    ),
    *declare(
        "customer.rewarded.loyalty_points",
        data=_EARNED,
        to=PROJECT | _TO_CUSTOMER,
        planned=_NO_EARNING,
    ),
    *declare("customer.reward_redemptions.created", data=_BOUGHT, to=ACTIVITY),
    *declare(
        "customer.reward_redemptions.pending",
        data=_BOUGHT,
        to=ACTIVITY,
        planned=_NO_APPROVAL,
    ),
    *declare(
        "customer.reward_redemptions.completed",
        data=f"{_BOUGHT} publication?",
        to=_TO_CUSTOMER,
    ),
    *declare("customer.reward_redemptions.rolledback", data=_BOUGHT, to=ACTIVITY),
    *declare(
        f"{_GIFT}.balance_added",
        data="voucher balance campaign? customer? transaction",
        to=PROJECT,
    ),
    *declare(
        f"customer.{_GIFT}.balance_added",
        data="customer campaign? voucher balance transaction",
        to=_TO_CUSTOMER,
    ),
    *declare(f"{_GIFT}.transaction.created", data=_MOVED, to=PROJECT),
    *declare(
        f"{_CARD}.points_added",
        data="voucher balance campaign? customer? transaction",
        to=PROJECT,
    ),
    *declare(
        f"customer.{_CARD}.points_added",
        data="customer campaign? voucher balance transaction",
        to=_TO_CUSTOMER,
    ),
    *declare(
        f"{_CARD}.transaction.created",
        data=f"{_MOVED} holder_loyalty_tier:loyalty_tier? event? "
        "earning_rule? segment? loyalty_tier? custom_event:event? "
        "source_voucher:voucher? destination_voucher:voucher?",
        to=PROJECT,
    ),
    *declare(f"{_CARD}.points_expired", data=_EXPIRED, to=PROJECT, planned=_NO_EXPIRY),
    *declare(
        f"customer.{_CARD}.points_expired",
        data=_EXPIRED,
        to=_TO_CUSTOMER,
        planned=_NO_EXPIRY,
    ),
    *declare(
        f"customer.{_CARD}.points_activated",
        f"customer.{_CARD}.points_transferred",
        data="customer voucher campaign?",
        to=ACTIVITY,
        planned=_NO_TRANSFER,
    ),
    *(
        each
        for prefix, to in (("", PROJECT), ("customer.", _TO_CUSTOMER))
        for end in ("activated", "added", "canceled", "updated")
        for each in declare(
            f"{prefix}{_CARD}.pending_points.{end}",
            data=_ACTIVATED if end == "activated" else _PENDING,
            to=to,
            planned=_NO_PENDING,
        )
    ),
    *declare(
        *(f"customer.order.{end}" for end in ("created", "updated", "paid")),
        "customer.order.canceled",
        data=_PLACED,
        to=_TO_CUSTOMER,
    ),
    *declare("customer.order.fulfilled", data=_PLACED, to=ACTIVITY),
    *declare(
        "customer.order.processing", data=_PLACED, to=ACTIVITY, planned=_NO_STATUS
    ),
    *declare("campaign.budget.reached", data="campaign budget", to=Audience.OWN),
    *declare("order.returned", data="order_return order", to=NOBODY),
    *declare("customer.order.returned", data="order_return order", to=NOBODY),
    *declare(
        *(f"customer.loyalty.tier.{end}" for end in ("joined", "left", "prolonged")),
        data="customer campaign loyalty_tier created_at:moment",
        to=_TO_CUSTOMER,
        planned=_NO_TIERS,
    ),
    *declare(
        "customer.loyalty.tier.upgraded",
        "customer.loyalty.tier.downgraded",
        data="customer campaign loyalty_tier_from:loyalty_tier "
        "loyalty_tier_to:loyalty_tier created_at:moment",
        to=_TO_CUSTOMER,
        planned=_NO_TIERS,
    ),
    *declare(
        "customer.loyalty.tier.expiration.changed",
        "customer.loyalty.updated",
        data="customer campaign",
        to=ACTIVITY,
        planned=_NO_TIERS,
    ),
)
