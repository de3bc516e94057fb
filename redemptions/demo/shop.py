"""The open shop: what a checkout can put into its cart and try to redeem."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any

from campaigns.models import Campaign, Product
from promo.tenancy.models import Project
from redemptions.services.requests import RedeemableRef

#: Codes of one campaign that are in people's hands.
_PUBLISHED = 3_000


@dataclass(frozen=True)
class Shop:
    """A project with what its checkouts draw from.

    ``campaigns`` go by name, ``apologies`` are codes without a campaign, and
    ``shoppers`` are source ids of customers.
    """

    project: Project
    campaigns: Mapping[str, Campaign]
    apologies: Sequence[str]
    products: Sequence[Product]
    shoppers: Sequence[str]
    random: Random
    _codes: dict[str, Iterator[str]] = field(default_factory=dict)

    def unknown_code(self) -> RedeemableRef:
        """Return a code that nobody has issued."""
        return RedeemableRef("voucher", f"FREE{self.random.randrange(1000)}")

    def apology(self) -> RedeemableRef:
        """Return one of the codes without a campaign, used or not."""
        return RedeemableRef("voucher", self.random.choice(self.apologies))

    def offered(self, name: str) -> RedeemableRef:
        """Return something of a campaign: its next code, or one of its tiers."""
        campaign = self.campaigns[name]
        if campaign.has_codes:
            return RedeemableRef("voucher", self._next_code(campaign))
        tiers = campaign.tiers.order_by("hierarchy")
        return RedeemableRef("promotion_tier", self.random.choice(list(tiers)).pk)

    def _next_code(self, campaign: Campaign) -> str:
        """Return the next code; the first again after the last."""
        if campaign.pk not in self._codes:
            rows = campaign.vouchers.order_by("pk").values_list("code", flat=True)
            self._codes[campaign.pk] = cycle(rows[:_PUBLISHED])
        return next(self._codes[campaign.pk])

    def order(self, number: int) -> dict[str, Any]:
        """Return an order of one to four lines, paid or delivered already."""
        chosen = self.random.sample(self.products, self.random.randrange(1, 5))
        items = [
            {
                "product_id": product.pk,
                "quantity": self.random.choice((1, 1, 1, 2, 3)),
                "price": product.price,
            }
            for product in chosen
        ]
        return {
            "source_id": f"demo-order-{number:06}",
            "status": self.random.choice(("PAID", "FULFILLED", "FULFILLED")),
            "items": items,
        }
