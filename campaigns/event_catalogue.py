"""The events of what marketers build, and what they carry.

Source: platform specification, "Project events", "Distribution events".
"""

from promo.outbox.declaring import Audience, declare
from promo.outbox.shapes import (
    FLAG,
    FREE,
    FREE_OR_NULL,
    LIST,
    MOMENT,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    WHOLE,
    WHOLE_OR_NULL,
    record,
    thing,
)

_NO_TIERS = "There are no tiers of loyalty programmes."
_NO_EARNING = "There are no earning rules."
_NO_REFERRAL_TIERS = "There are no tiers of referral programmes."
ACTIVITY, DISTRIBUTION = Audience.ACTIVITY, Audience.DISTRIBUTION
NOBODY, PROJECT = Audience.NOBODY, Audience.PROJECT

_DATES = {"created_at": MOMENT, "updated_at": MOMENT_OR_NULL}
_LIMITS = {"start_date": MOMENT_OR_NULL, "expiration_date": MOMENT_OR_NULL}
_PLACED = {"category_id": TEXT_OR_NULL, "categories": LIST}

SHAPES = {
    "campaign": thing(
        "campaign",
        name=TEXT,
        campaign_type=TEXT,
        type=TEXT,
        active=FLAG,
        auto_join=FLAG,
        join_once=FLAG,
        voucher=FREE,
        promotion=FREE,
        vouchers_count=WHOLE,
        metadata=FREE,
        **_PLACED,
        **_LIMITS,
        **_DATES,
    ),
    "voucher": thing(
        "voucher",
        code=TEXT,
        type=TEXT,
        campaign=TEXT_OR_NULL,
        campaign_id=TEXT_OR_NULL,
        discount=FREE_OR_NULL,
        gift=FREE_OR_NULL,
        loyalty_card=FREE_OR_NULL,
        redemption=FREE,
        active=FLAG,
        holder_id=TEXT_OR_NULL,
        is_referral_code=FLAG,
        metadata=FREE,
        **_PLACED,
        **_LIMITS,
        **_DATES,
    ),
    "publication": thing(
        "publication",
        source_id=TEXT_OR_NULL,
        result=TEXT,
        channel=TEXT,
        voucher=FREE,
        vouchers_id=TEXTS,
        customer=FREE,
        customer_id=TEXT,
        tracking_id=TEXT_OR_NULL,
        metadata=FREE,
        created_at=MOMENT,
    ),
    "promotion_tier": thing(
        "promotion_tier",
        name=TEXT,
        banner=TEXT_OR_NULL,
        hierarchy=WHOLE,
        active=FLAG,
        action=FREE_OR_NULL,
        campaign=FREE,
        metadata=FREE,
        **_PLACED,
        **_DATES,
    ),
    "promotion_stack": thing(
        "promotion_stack",
        name=TEXT,
        tiers=FREE,
        campaign_id=TEXT,
        **_PLACED,
        **_DATES,
    ),
    "rule": thing(
        "validation_rules",
        name=TEXT,
        type=TEXT,
        context_type=TEXT,
        rules=FREE,
        applicable_to=FREE_OR_NULL,
        assignments_count=WHOLE,
        **_DATES,
    ),
    "assignment": thing(
        "validation_rules_assignment",
        rule_id=TEXT,
        related_object_id=TEXT,
        related_object_type=TEXT,
        **_DATES,
    ),
    "reward": record(
        "id",
        id=TEXT,
        object={"const": "reward"},
        name=TEXT,
        type=TEXT,
        parameters=FREE,
        **_DATES,
    ),
    "reward_assignment": record(
        "id", id=TEXT, object={"const": "reward_assignment"}, parameters=FREE, **_DATES
    ),
    "holder": record(
        "id",
        "customer_id",
        id=TEXT,
        customer_id=TEXT,
        redeemable_id=TEXT,
        redeemable_object=TEXT,
        holder_role=TEXT,
        campaign_id=TEXT_OR_NULL,
        publication_id=TEXT_OR_NULL,
        created_at=MOMENT,
    ),
    "event": thing("event", type=TEXT, customer=FREE, metadata=FREE, created_at=MOMENT),
    "event_schema": record("id", "name", id=TEXT, name=TEXT),
    "code": record("voucher", "campaign", voucher=FREE, campaign=FREE_OR_NULL),
    "earning_rule": thing("earning_rule", active=FLAG, loyalty=FREE, **_DATES),
    "loyalty_tier": thing("loyalty_tier", name=TEXT, points=FREE, **_DATES),
    "referral_tier": record("id", id=TEXT, name=TEXT),
    "user": record("id", id=TEXT),
    "product": thing(
        "product",
        source_id=TEXT_OR_NULL,
        name=TEXT_OR_NULL,
        price=WHOLE_OR_NULL,
        attributes=TEXTS,
        metadata=FREE,
        image_url=TEXT_OR_NULL,
        **_DATES,
    ),
    "sku": thing(
        "sku",
        source_id=TEXT_OR_NULL,
        sku=TEXT_OR_NULL,
        price=WHOLE_OR_NULL,
        product_id=TEXT,
        metadata=FREE,
        **_DATES,
    ),
    "products_collection": thing(
        "products_collection", name=TEXT, type=TEXT, products=LIST, **_DATES
    ),
}

_TIER, _STACK = "campaign.promotion_tier", "campaign.promotion_stack"
_EARNING, _REWARD = "campaign.earning_rule", "campaign.reward.assignment"
_RULE, _ASSIGNED = "business_validation_rule", "business_validation_rule.assignment"

EVENTS = (
    *declare("campaign.created", data="campaign created_at:moment", to=PROJECT),
    *declare(
        "campaign.updated",
        "campaign.enabled",
        "campaign.disabled",
        data="campaign",
        to=PROJECT,
    ),
    *declare("campaign.deleted", data="campaign deleted_at:moment", to=PROJECT),
    *declare(
        "campaign.vouchers.generation.completed",
        data="campaign count completed_at:moment",
        to=PROJECT,
    ),
    *declare(
        "campaign.vouchers.generation.started",
        "campaign.vouchers.generation.failed",
        "campaign.vouchers.added",
        data="campaign count",
        to=PROJECT,
    ),
    *declare(
        *(f"voucher.{end}" for end in ("created", "updated", "enabled", "disabled")),
        "voucher.deleted",
        data="voucher campaign?",
        to=PROJECT,
    ),
    *declare("customer.voucher.deleted", data="voucher campaign?", to=ACTIVITY),
    *declare(
        "publication.succeeded",
        data="customer campaign? publication voucher user?",
        to=PROJECT,
    ),
    *declare(
        "voucher.published",
        data="customer campaign? publication voucher created_at:moment",
        to=PROJECT,
    ),
    *declare(
        "customer.publication.succeeded",
        data="customer campaign? publication voucher",
        to=DISTRIBUTION | ACTIVITY,
    ),
    *declare(
        "customer.publication.failed",
        data="customer campaign? publication",
        to=ACTIVITY,
    ),
    *declare(
        *(f"{_TIER}.{end}" for end in ("created", "updated", "enabled", "disabled")),
        f"{_TIER}.deleted",
        data="campaign promotion_tier",
        to=PROJECT,
    ),
    *declare(
        f"{_STACK}.created",
        f"{_STACK}.updated",
        data="campaign promotion_stack",
        to=PROJECT,
    ),
    *declare(
        *(f"campaign.loyalty_tier.{end}" for end in ("created", "updated", "deleted")),
        data="campaign loyalty_tier",
        to=PROJECT,
        planned=_NO_TIERS,
    ),
    *declare(
        *(f"{_EARNING}.{end}" for end in ("assigned", "updated", "enabled")),
        *(f"{_EARNING}.{end}" for end in ("disabled", "deleted")),
        data="campaign earning_rule",
        to=PROJECT,
        planned=_NO_EARNING,
    ),
    *declare(
        *(f"campaign.referral_tier.{end}" for end in ("created", "updated", "deleted")),
        data="campaign referral_tier",
        to=PROJECT,
        planned=_NO_REFERRAL_TIERS,
    ),
    *(
        each
        for end in ("created", "updated", "deleted")
        for each in declare(
            f"{_REWARD}.{end}",
            data=f"campaign reward_assignment {end}_at:moment",
            to=PROJECT,
        )
    ),
    *(
        each
        for end in ("created", "updated", "deleted")
        for each in declare(f"{_RULE}.{end}", data=f"rule {end}_at:moment", to=PROJECT)
    ),
    *declare(
        f"{_ASSIGNED}.created",
        f"{_ASSIGNED}.deleted",
        data="rule assignment voucher? campaign? distribution:anything? "
        "promotion_tier? earning_rule?",
        to=PROJECT,
    ),
    *declare(
        "customer.custom_event",
        data="event event_schema customer referral:code? loyalty:code?",
        to=DISTRIBUTION | ACTIVITY,
    ),
    *declare(
        "customer.referred",
        data="customer referrer:customer? campaign? voucher? custom_event:event? "
        "redemption?",
        to=DISTRIBUTION | ACTIVITY,
    ),
    *declare(
        "customer.holder.assignment.created",
        "customer.holder.assignment.deleted",
        data="holder voucher campaign? customer",
        to=ACTIVITY,
    ),
    *(
        each
        for kind in ("product", "sku", "products_collection")
        for end in ("created", "updated", "deleted")
        for each in declare(f"{kind}.{end}", data=kind, to=NOBODY)
    ),
)
