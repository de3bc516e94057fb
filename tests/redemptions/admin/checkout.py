"""What a shop does, for tests of the screens that show it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns.models import Voucher
from promo.errors import Rejected
from promo.tenancy.models import Project
from redemptions.models import Redemption
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from tests.admin_site import NOW
from tests.factories.campaigns import CampaignFactory, VoucherFactory, template

TWENTY = {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ORDER"}


def coupon(project: Project, code: str = "SAVE20", **fields: Any) -> Voucher:
    """Return a code of twenty per cent in a campaign of its own."""
    named = fields.pop("campaign_name", f"Campaign of {code}")
    campaign = CampaignFactory(
        project=project, name=named, voucher=template(discount=TWENTY)
    )
    return VoucherFactory(campaign=campaign, code=code, discount=TWENTY, **fields)


def buy(
    project: Project,
    *codes: str,
    tiers: Sequence[str] = (),
    order: str = "",
    now: datetime = NOW,
    items: Sequence[dict[str, Any]] = (),
    **rest: Any,
) -> Redemption:
    """Return the redemption of a cart: of several offers, their parent.

    The cart is worth 50.00 where it has no ``items``.
    """
    named = [RedeemableRef("voucher", code) for code in codes]
    named += [RedeemableRef("promotion_tier", tier) for tier in tiers]
    cart = {"items": list(items)} if items else {"amount": 5000}
    request = CheckoutRequest(
        redeemables=tuple(named),
        order={"source_id": order or f"order-{codes[0]}", **cart},
        **rest,
    )
    done = redeem(project=project, request=request, now=now)
    return done.parent or done.rows[0]


def fail(project: Project, *codes: str, **rest: Any) -> Redemption:
    """Return the record of a refused cart."""
    try:
        buy(project, *codes, **rest)
    except Rejected:
        return project.redemptions.filter(result="FAILURE").order_by("-pk")[0]
    msg = "it was not refused"
    raise AssertionError(msg)
