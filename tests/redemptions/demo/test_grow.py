"""The demo shop grows to a size, and still adds up."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from campaigns.models import Campaign
from customers.models import Customer
from customers.services.segment import create_segment
from promo.tenancy.models import Project
from redemptions.demo.load import Size, load_shop
from redemptions.models import Order
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db
SIZE = {"codes": 9_000, "customers": 300, "redemptions": 600}


@pytest.fixture
def shop() -> Project:
    return load_shop(Size.scaled(0.05), now=NOW)


def grow(**size: int) -> str:
    out = StringIO()
    call_command("grow_demo", stdout=out, **size)
    return out.getvalue()


def sizes(shop: Project) -> dict[str, int]:
    return {
        "codes": shop.vouchers.count(),
        "customers": shop.customers.count(),
        "redemptions": shop.redemptions.count(),
    }


def test_a_grown_shop_has_the_asked_size_and_no_drift(shop: Project) -> None:
    segment = create_segment(
        project=shop,
        now=NOW,
        name="Everybody",
        type="AUTO_UPDATE",
        filter={"junction": "and", "name": {"conditions": {"$has_value": []}}},
    )

    told = grow(**SIZE)

    assert sizes(shop) == SIZE
    assert told.endswith("Demo Roastery has grown.\n")
    call_command("verify_ledger", stdout=StringIO())
    call_command("verify_reports", stdout=StringIO())
    counted = Campaign.objects.filter(project=shop).aggregate(sum=Sum("vouchers_count"))
    assert counted["sum"] == shop.vouchers.exclude(campaign=None).count()
    assert segment.members.count() == SIZE["customers"]


def test_a_second_growth_to_the_same_size_changes_nothing(shop: Project) -> None:
    grow(**SIZE)
    before = sizes(shop), shop.redemptions.latest("pk").pk

    told = grow(**SIZE)

    assert told == "Demo Roastery is as large already.\n"
    assert (sizes(shop), shop.redemptions.latest("pk").pk) == before


def test_a_grown_redemption_tells_of_its_own_order_code_and_person(
    shop: Project,
) -> None:
    grow(**SIZE)

    order = Order.objects.filter(source_id__startswith="grown-").earliest("pk")
    row: Any = order.redemptions.get()
    state = row.order_state
    assert row.voucher.redeemed_quantity == 1
    assert row.voucher_code == row.voucher.code
    assert (state["id"], state["source_id"]) == (order.pk, order.source_id)
    assert state["customer_id"] == row.customer_id == order.customer_id
    day = shop.calendar(row.created_at).today.isoformat()
    counted = row.claims[row.voucher_id]
    person = row.customer_id.removeprefix("cust_")
    assert counted[f"count:d{day}"] == 1
    assert counted[f"count:customer:{person}:d{day}"] == 1
    kept = Customer.objects.get(pk=row.customer_id).summary["redemptions"]
    assert kept["total_succeeded"] >= 1


def test_without_a_demo_shop_nothing_grows() -> None:
    with pytest.raises(CommandError, match="run load_demo first"):
        call_command("grow_demo")

    assert not Project.objects.exists()
