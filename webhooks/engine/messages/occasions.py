"""What distributions wait for, in the words of whoever makes one."""

from collections.abc import Mapping

#: Where a distribution waits for nothing: somebody starts it.
BY_HAND = "MANUAL"
#: Event -> what happens, as part of a sentence; ``of`` is where the campaign is named.
_OCCASIONS: Mapping[str, str] = {
    "customer.order.paid": "an order is paid",
    "customer.order.created": "an order is created",
    "customer.order.updated": "an order is changed",
    "customer.order.canceled": "an order is canceled",
    "customer.segment.entered": "a customer enters a segment",
    "customer.segment.left": "a customer leaves a segment",
    "customer.custom_event": "a custom event arrives",
    "customer.publication.succeeded": "a customer gets a code",
    "customer.redemption.succeeded": "a customer redeems",
    "customer.redemption.rollback.succeeded": "a redemption is rolled back",
    "customer.referred": "a customer is referred",
    "customer.rewarded": "a customer is rewarded",
    "customer.rewarded.loyalty_points": "a customer earns points",
    "customer.reward_redemptions.completed": "a customer gets a reward",
    "customer.voucher.gift.balance_added": "a gift card gets credits",
    "customer.voucher.loyalty_card.points_added": "a loyalty card gets points",
    "customer.voucher.loyalty_card.points_expired": "points expire",
    "customer.voucher.loyalty_card.pending_points.added": "points are pending",
    "customer.voucher.loyalty_card.pending_points.updated": "pending points change",
    "customer.voucher.loyalty_card.pending_points.activated": (
        "pending points can be spent"
    ),
    "customer.voucher.loyalty_card.pending_points.canceled": (
        "pending points are canceled"
    ),
    "customer.loyalty.tier.joined": "a customer enters a loyalty tier",
    "customer.loyalty.tier.left": "a customer leaves a loyalty tier",
    "customer.loyalty.tier.upgraded": "a customer rises to a higher tier",
    "customer.loyalty.tier.downgraded": "a customer falls to a lower tier",
    "customer.loyalty.tier.prolonged": "a customer keeps the tier for longer",
}
#: State or reason -> why a message was not sent, or for what it waits.
_REASONS: Mapping[str, str] = {
    "customer_gone": "The customer is not there any more",
    "event_gone": "What happened is not kept any more",
    "promotion_gone": "The promotion is gone",
    "campaign_gone": "The campaign is gone",
    "not_in_segment": "The customer was not in the segment when it was due",
    "rule_not_met": "The rule did not hold when it was due",
    "consent_withdrawn": "The customer does not want such messages",
    "no_email": "The customer has no e-mail address",
    "no_phone": "The customer has no phone number",
    "no_target": "There is no address to send to",
    "no_date": "There is no date to count from",
    "date_passed": "The moment was over already",
    "limit_total": "As many as allowed were sent in all",
    "limit_customer": "The customer got as many as allowed",
    "limit_day": "As many as allowed were sent that day",
    "daily_ceiling": "Waits for tomorrow: the project sent as many as allowed today",
    "already_joined": "The customer has a code of the campaign already",
    "no_codes_left": "The campaign has no codes left",
    "left_segment": "Called off: the customer left the segment",
    "entered_segment": "Called off: the customer entered the segment",
    "happened_meanwhile": "Called off: what calls it off happened",
    "channel_gone": "The distribution does not use this channel any more",
    "refused": "It was refused for good",
    "not_delivered": "It failed as often as it is tried",
    "trying_again": "It failed and is tried again",
    "audience_gone": "There is nobody to send to any more",
}


def happens(event: str) -> str:
    """Return what happens, as part of a sentence: ``an order is paid``."""
    return _OCCASIONS.get(event, event)


def occasion(event: str) -> str:
    """Return what happens, as a sentence of its own: ``An order is paid``."""
    words = happens(event)
    return words[:1].upper() + words[1:]


def in_plain_words(reason: str) -> str:
    """Return what a reason means; one that is not known is shown as it is."""
    return _REASONS.get(reason) or reason.replace("_", " ").capitalize()
