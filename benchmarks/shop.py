"""The shop that is measured: a campaign with three rules and many codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.models import Campaign
from campaigns.services.campaign import create_campaign
from campaigns.services.product import create_product
from campaigns.services.validation_rule import create_rule
from customers.services.customer import create_customer
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.tenancy.models import Project
from promo.tenancy.services.projects import create_project

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


@dataclass(frozen=True, slots=True)
class Shop:
    """What requests are made of: the key's headers, codes, a cart."""

    headers: dict[str, str]
    distinct: Sequence[str]
    hot: str
    items: list[dict[str, Any]]


def open_shop(*, codes: int, now: datetime) -> Shop:
    """Fill a new project with ``codes`` codes for one use, and one without limit."""
    made = create_project(name="Benchmark", now=now)
    project = made.project
    for number in (1, 2, 3):
        product = _line(number)["product"]
        create_product(project=project, now=now, **product)
    for number in range(CUSTOMERS):
        create_customer(project=project, now=now, source_id=f"customer-{number}")
    rule = create_rule(project=project, now=now, name="Three rules", rules=RULES)
    rules = [rule.pk]
    once = _campaign(project, "Once", rules, codes, quantity=1, now=now)
    hot = _campaign(project, "Hot", rules, 1, quantity=None, now=now)
    return Shop(
        headers={
            "X-App-Id": str(made.server.key.app_id),
            "X-App-Token": made.server.secret,
        },
        distinct=_codes(once),
        hot=_codes(hot)[0],
        items=[_line(number) for number in (1, 2, 3)],
    )


def _line(number: int) -> dict[str, Any]:
    """Return a line of the cart; three of them make a request of 1 KB."""
    price = 1_000 * number
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
    for action in AsyncAction.objects.filter(project=project, finished_at=None):
        while run_step(action.pk, now=now):
            pass
    return campaign


def _codes(campaign: Campaign) -> list[str]:
    return list(campaign.vouchers.order_by("pk").values_list("code", flat=True))
