"""What each qualification scenario looks at and which rules it leaves out.

Source: engine specification, "Qualification, Candidates".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from promo.tenancy.models import Project

# Left out whatever the scenario: what they count can change before the checkout.
_ALWAYS = (
    "campaign.redemptions.count",
    "campaign.redemptions.count.*",
    "campaign.redemptions.customers_count",
    "campaign.redemptions.customers_count.*",
    "campaign.orders.amount_discounted",
    "redemption.count.per_customer",
    "redemption.count.per_customer.*",
)
# Left out unless the project wants it checked.
_ORDER_AMOUNT = ("order.amount",)
_CUSTOMER_RULES = ("customer.*", "publication.*")
_ORDER_RULES = ("order.*", "product.*", "sku.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Which candidates count and which rules are taken for granted."""

    objects: frozenset[str] = frozenset({"voucher", "promotion_tier"})
    only_held: bool = False
    customer_rules: bool = True
    order_rules: bool = True
    needs_items: bool = False
    only_item_discounts: bool = False
    needs_customer: bool = False
    campaign_types: frozenset[str] = frozenset({"DISCOUNT_COUPONS", "GIFT_VOUCHERS"})

    def omitted_rules(self, project: Project) -> tuple[str, ...]:
        """Return the names of rules not evaluated; ``.*`` stands for a family."""
        omitted: tuple[str, ...] = _ALWAYS
        if not project.qualification_checks_order_amount:
            omitted += _ORDER_AMOUNT
        if not self.customer_rules:
            omitted += _CUSTOMER_RULES
        return omitted if self.order_rules else omitted + _ORDER_RULES


# What is no question about who asks, in the deprecated lists.
NOT_ABOUT_THE_CUSTOMER = (
    *_ORDER_RULES,
    "campaign.*",
    "redemption.metadata",
    "redemption.api_key",
    "redemption.user.login",
    "redemption.gift.amount",
    "redemption.reward.*",
    "redemption.count.daily",
    "redemption.count.weekly",
    "redemption.count.monthly",
    "redemption.count.per_api_key",
    "redemption.count.per_user",
)

_WITH_CAMPAIGNS = frozenset({"voucher", "promotion_tier", "campaign"})

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "ALL": Scenario(),
        "CUSTOMER_WALLET": Scenario(
            objects=frozenset({"voucher"}), only_held=True, needs_customer=True
        ),
        "AUDIENCE_ONLY": Scenario(objects=_WITH_CAMPAIGNS, order_rules=False),
        "PRODUCTS": Scenario(
            objects=_WITH_CAMPAIGNS,
            order_rules=False,
            needs_items=True,
            customer_rules=False,
        ),
        "PRODUCTS_DISCOUNT": Scenario(
            objects=_WITH_CAMPAIGNS,
            order_rules=False,
            needs_items=True,
            customer_rules=False,
            only_item_discounts=True,
        ),
        "PRODUCTS_BY_CUSTOMER": Scenario(
            objects=_WITH_CAMPAIGNS,
            order_rules=False,
            needs_items=True,
            needs_customer=True,
        ),
        "PRODUCTS_DISCOUNT_BY_CUSTOMER": Scenario(
            objects=_WITH_CAMPAIGNS,
            order_rules=False,
            needs_items=True,
            needs_customer=True,
            only_item_discounts=True,
        ),
        "PROMOTION_STACKS": Scenario(objects=frozenset({"promotion_stack"})),
    }
)
