"""The shops that are measured: codes with three rules, and many cart promotions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Campaign, Voucher
from campaigns.services.campaign import create_campaign
from campaigns.services.product import create_product
from campaigns.services.validation_rule import create_rule
from customers.services.customer import create_customer
from promo.jobs.actions import run_all
from promo.tenancy.models import Project
from promo.tenancy.services.projects import NewProject, create_project

DISCOUNT = {"type": "PERCENT", "percent_off": 10}
RULES: dict[str, Any] = {
    "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": [2_000]}},
    "2": {"name": "order.items.count", "conditions": {"$less_than_or_equal": [100]}},
    "3": {
        "name": "redemption.count.per_customer",
        "conditions": {"$less_than_or_equal": [1_000_000]},
    },
    "logic": "1 and 2 and 3",
}
CUSTOMERS = 500
#: What the limited code may be used; the clients ask for it more often.
LIMIT = 200
LINES = 500


@dataclass(frozen=True, slots=True)
class Shop:
    """What requests are made of: the key's headers, codes, a cart."""

    project: Project
    headers: dict[str, str]
    distinct: Sequence[str]
    hot: str
    limited: str
    expired: str

    def cart(self, lines: int = 3) -> list[dict[str, Any]]:
        """Return order lines of products in the catalogue; three make 1 KB."""
        return [line(number) for number in range(1, lines + 1)]


def open_shop(*, codes: int, now: datetime, name: str = "Benchmark") -> Shop:
    """Fill a new project with ``codes`` codes for one use and a few others.

    One has no limit, one a limit of ``LIMIT``, one is expired.
    """
    made = create_project(name=name, now=now)
    project = made.project
    for number in range(1, LINES + 1):
        create_product(project=project, now=now, **line(number)["product"])
    for number in range(CUSTOMERS):
        create_customer(project=project, now=now, source_id=f"customer-{number}")
    rule = create_rule(project=project, now=now, name="Three rules", rules=RULES)
    rules = [rule.pk]
    once = _campaign(project, "Once", rules, codes, quantity=1, now=now)
    hot = _campaign(project, "Hot", rules, 1, quantity=None, now=now)
    limited = _campaign(project, "Limited", rules, 1, quantity=LIMIT, now=now)
    expired = _campaign(project, "Expired", rules, 1, quantity=None, now=now)
    Voucher.objects.filter(campaign=expired).update(
        expiration_date=now - timedelta(days=1)
    )
    return Shop(
        project=project,
        headers=_headers(made),
        distinct=_codes(once),
        hot=_codes(hot)[0],
        limited=_codes(limited)[0],
        expired=_codes(expired)[0],
    )


def open_market(*, campaigns: int, now: datetime) -> dict[str, str]:
    """Fill a project with running cart promotions; return its key's headers."""
    made = create_project(name=f"{campaigns} promotions", now=now)
    project = made.project
    for number in range(1, 4):
        create_product(project=project, now=now, **line(number)["product"])
    rule = create_rule(project=project, now=now, name="Three rules", rules=RULES)
    for number in range(campaigns):
        create_campaign(
            project=project,
            now=now,
            name=f"Promotion {number}",
            campaign_type="PROMOTION",
            promotion={
                "tiers": [
                    {
                        "name": f"Tier {number}",
                        "action": {"discount": DISCOUNT},
                        "validation_rules": [rule.pk],
                    }
                ]
            },
        )
    return _headers(made)


def _headers(made: NewProject) -> dict[str, str]:
    return {
        "X-App-Id": str(made.server.key.app_id),
        "X-App-Token": made.server.secret,
    }


def line(number: int) -> dict[str, Any]:
    """Return one order line of the cart."""
    price = 1_000 + 10 * number
    return {
        "source_id": f"p-{number}",
        "related_object": "product",
        "quantity": 2,
        "price": price,
        "amount": 2 * price,
        "product": {
            "source_id": f"p-{number}",
            "name": f"Pour-over coffee maker {number}",
            "price": price,
            "metadata": {"brand": "Brew", "colour": "black", "material": "glass"},
        },
    }


def _campaign(
    project: Project,
    name: str,
    rules: Sequence[str],
    codes: int,
    *,
    quantity: int | None,
    now: datetime,
) -> Campaign:
    campaign = create_campaign(
        project=project,
        now=now,
        name=name,
        campaign_type="DISCOUNT_COUPONS",
        vouchers_count=codes,
        validation_rules=list(rules),
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": DISCOUNT,
            "redemption": {"quantity": quantity},
            "code_config": {"pattern": "B-##########"},
        },
    )
    run_all(project, now=now)
    return campaign


def add_codes(shop: Shop, codes: int, *, now: datetime) -> None:
    """Add a campaign of ``codes`` codes to a shop, made as the API makes them."""
    _campaign(shop.project, "More", (), codes, quantity=1, now=now)


def _codes(campaign: Campaign) -> list[str]:
    return list(campaign.vouchers.order_by("pk").values_list("code", flat=True))
