"""Units come back in any split, and it ends as one rollback would have ended it."""

import itertools
import random

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from campaigns.models import Voucher
from promo.errors import BadRequest
from promo.outbox.models import DomainEvent
from redemptions.models import (
    LedgerEntry,
    Order,
    OrderReturn,
    Redemption,
    ReturnedShare,
    SoldLine,
)
from redemptions.services.budgets import budgets_of
from redemptions.services.customer_summary import refresh_summaries
from redemptions.services.erasure import forget_customer
from redemptions.services.figures import campaign_totals
from redemptions.services.order import create_order
from redemptions.services.requests import RedeemableRef
from tests.factories.campaigns import (
    GiftCardFactory,
    VoucherFactory,
)
from tests.factories.rules import AssignmentFactory
from tests.factories.tenancy import NOW
from tests.outbox import hear
from tests.redemptions.services.return_shop import BOUGHT, CART, OFF_TEA, Shop, no_drift

pytestmark = pytest.mark.django_db


def splits(seed):
    """Units of the whole order in some order, some of them together."""
    units = [at for at, quantity in BOUGHT.items() for _ in range(quantity)]
    chance = random.Random(seed)  # noqa: S311 - any split will do
    chance.shuffle(units)
    while units:
        size = chance.randint(1, 3)
        yield {at: units[:size].count(at) for at in units[:size]}
        del units[:size]


@pytest.mark.parametrize("seed", range(5))
def test_returning_everything_in_any_split_ends_like_rolling_everything_back(seed):
    rolled_back, returned = Shop(), Shop()
    for row in rolled_back.buy():
        rolled_back.roll_back(row)
    returned.buy()
    paid = returned.order.total_amount

    made = [returned.take(units) for units in splits(seed)]

    assert returned.stands() == rolled_back.stands()
    assert returned.stands()["ledger"] == {"GIFT": 0, "CARD": 0}
    assert sum(one.refund_amount for one in made) == paid
    assert returned.order.returned_amount == paid
    no_drift(returned)


@pytest.mark.parametrize("seed", range(3))
def test_what_returns_have_left_is_what_a_rollback_gives_back(seed):
    rolled_back, returned = Shop(), Shop()
    for row in rolled_back.buy():
        rolled_back.roll_back(row)
    rows = returned.buy()

    for units in itertools.islice(splits(seed), 2):
        returned.take(units)
        no_drift(returned)
    for row in rows:
        row.refresh_from_db()
        if row.status == "SUCCEEDED":
            returned.roll_back(row)

    assert returned.stands() == rolled_back.stands()
    no_drift(returned)
    stack = Redemption.objects.get(original=rows[0])
    parts = [row.applied_amount for row in stack.children.all()]
    assert stack.applied_amount == sum(parts) > -rows[0].applied_amount
    with pytest.raises(BadRequest) as refused:
        returned.take({0: 1})
    assert refused.value.key == "invalid_order"


def test_where_orders_stay_they_stay_and_all_else_comes_back():
    mode = {"redeemables_rollback_order_mode": "WITHOUT_ORDER"}
    rolled_back, returned = Shop(stacking_rules=mode), Shop(stacking_rules=mode)
    for row in rolled_back.buy():
        rolled_back.roll_back(row)
    returned.buy()

    for units in splits(1):
        returned.take(units)

    assert returned.stands() == rolled_back.stands()
    assert returned.order.status == "PAID"
    no_drift(returned)


@pytest.fixture
def shop():
    made = Shop()
    made.buy()
    return made


def test_a_part_comes_back_in_the_measure_of_its_line(shop):
    before = shop.stands()

    made = shop.take({1: 1}, reason="broken", metadata={"till": 7})

    after = shop.stands()
    [line] = made.lines.all()
    assert (made.reason, made.metadata, made.amount) == ("broken", {"till": 7}, 1850)
    assert line.amount - line.discount_amount == made.refund_amount
    assert made.refund_amount + made.discount_amount == 1850
    assert after["order"] == before["order"]
    assert after["redemptions"] == before["redemptions"]
    assert after["rewards"] == before["rewards"]
    assert before["tiers"] == [(1, 12299, 500)]
    assert after["tiers"] == [(1, 12299 - 1850, 500)]
    shares = {
        one.redemption.voucher_code: one
        for one in ReturnedShare.objects.filter(rollback=None)
    }
    gift, ten = shares["GIFT"], shares["TEN"]
    assert ten.discount_amount > 0
    assert gift.card_amount == gift.discount_amount > 0
    counted = {(name, bucket): used for name, bucket, used in before["counters"]}
    counted_now = {(name, bucket): used for name, bucket, used in after["counters"]}
    moved = {key: counted[key] - counted_now[key] for key in counted}
    also = shares["ALSO"].discount_amount
    assert {key: amount for key, amount in moved.items() if amount} == {
        ("campaign", "discounted"): ten.discount_amount + also,
        ("campaign", "orders"): 1850,
    }
    no_drift(shop)


def test_the_ledger_explains_each_credit_that_came_back(shop):
    shop.take({0: 1, 1: 1})

    entries = LedgerEntry.objects.filter(voucher__code="GIFT").order_by("id")
    kinds = list(entries.values_list("type", flat=True))
    assert kinds == ["CREDITS_REDEMPTION"] * 2 + ["CREDITS_REFUND"] * 2
    balance = 5000
    for entry in entries:
        balance += entry.amount
        assert entry.balance == balance
    card = Voucher.objects.get(code="GIFT", project=shop.project)
    assert card.balance == balance
    made = OrderReturn.objects.get()
    assert entries.last().details["order_return"] == {"id": made.pk}
    points = LedgerEntry.objects.filter(voucher__code="CARD").order_by("id").last()
    assert points.type == "POINTS_REFUND"


def test_a_redemption_is_rolled_back_with_its_last_unit_and_the_order_stays():
    shop = Shop()
    tier = shop.redeem(RedeemableRef("promotion_tier", shop.tier.pk))
    before = shop.stands()["order"]

    shop.take({0: 2})
    tier.refresh_from_db()
    assert (tier.status, tier.returned_amount) == ("SUCCEEDED", 333)
    made = shop.take({0: 1})

    tier.refresh_from_db()
    [rollback] = tier.rollbacks.all()
    assert tier.status == "ROLLED_BACK"
    assert (rollback.applied_amount, rollback.rollback_order_mode) == (
        -167,
        "WITHOUT_ORDER",
    )
    assert made.shares.get().rollback == rollback
    assert shop.stands()["order"] == before
    assert shop.stands()["tiers"] == [(0, 0, 0)]
    assert shop.order.returned_amount == 3100
    shop.take({1: 2, 2: 1})
    assert (shop.order.status, shop.order.total_discount_amount) == ("CANCELED", 0)
    no_drift(shop)


def test_a_rollback_takes_off_the_order_what_returns_have_left_on_it():
    shop = Shop()
    shop.redeem(RedeemableRef("promotion_tier", shop.tier.pk))
    coupon = shop.redeem(RedeemableRef("voucher", "TEN"))
    shop.take({0: 3})
    assert shop.order.total_discount_amount == 500 + 1180

    shop.roll_back(coupon)

    assert (shop.order.status, shop.order.total_discount_amount) == ("CANCELED", 0)
    assert shop.stands()["tiers"] == [(0, 0, 0)]
    no_drift(shop)


def test_an_order_that_nothing_was_redeemed_on_is_paid_back_in_full():
    shop = Shop()
    create_order(
        project=shop.project, now=NOW, source_id="o-1", items=CART, status="PAID"
    )

    part = shop.take({0: 1})
    rest = shop.take({0: 2, 1: 2, 2: 1})

    assert (part.refund_amount, rest.refund_amount) == (1200, 11099)
    assert shop.order.status == "CANCELED"
    assert not ReturnedShare.objects.exists()


def test_lines_come_back_as_they_were_sold_whatever_the_shop_changes_later(shop):
    first = shop.take({0: 1})
    create_order(
        project=shop.project, now=NOW, id=shop.order.pk, items=[CART[2]], amount=90_000
    )

    second = shop.take({0: 1})

    assert (first.amount, second.amount) == (1200, 1200)
    no_drift(shop)


@pytest.mark.parametrize("codes", [("TEN", "TEA"), ("TEA", "TEN")])
def test_the_value_of_an_order_is_counted_for_what_is_left_of_it(codes):
    shop = Shop()
    only_tea = VoucherFactory(campaign=shop.campaign, code="TEA", discount=OFF_TEA)
    AssignmentFactory(
        project=shop.project,
        rule=shop.only_tea,
        related_object_id=only_tea.pk,
        related_object_type="voucher",
    )
    for code in codes:
        shop.redeem(RedeemableRef("voucher", code))

    def counted():
        return {one.rule: one.used for one in budgets_of(shop.campaign, NOW)}

    assert counted()["campaign.orders.amount"] == 12299
    shop.take({0: 3})
    assert counted()["campaign.orders.amount"] == 12299 - 3600
    assert counted()["campaign.redemptions.count"] == 1
    no_drift(shop)
    shop.take({1: 2, 2: 1})
    assert set(counted().values()) == {0, None}
    no_drift(shop)


def test_figures_and_summaries_leave_out_what_came_back(shop):
    hear(now=NOW)
    given = campaign_totals(shop.campaign).discount
    paid = shop.order.total_amount

    made = shop.take({1: 2})

    hear(now=NOW)
    shares = made.shares.filter(redemption__campaign=shop.campaign)
    back = sum(one.discount_amount for one in shares)
    assert back > 0
    assert campaign_totals(shop.campaign).discount == given - back
    refresh_summaries(shop.project, [shop.ada.pk], now=NOW)
    shop.ada.refresh_from_db()
    assert shop.ada.summary["orders"]["total_amount"] == paid - made.refund_amount
    gift = Voucher.objects.get(project=shop.project, code="GIFT")
    redeemed = shop.ada.summary["redemptions"]["gift"]["redeemed_amount"]
    assert redeemed == gift.redeemed_amount


def test_what_is_told(shop):
    DomainEvent.objects.all().delete()

    shop.take({0: 1})
    partly = list(DomainEvent.objects.order_by("id").values_list("type", flat=True))
    DomainEvent.objects.all().delete()
    shop.take({0: 2, 1: 2, 2: 1})
    wholly = list(DomainEvent.objects.order_by("id").values_list("type", flat=True))

    assert partly == [
        "order.returned",
        "customer.order.returned",
        "voucher.gift.transaction.created",
        "voucher.loyalty_card.transaction.created",
        "voucher.gift.transaction.created",
    ]
    assert wholly[:4] == [
        "order.returned",
        "customer.order.returned",
        "customer.order.canceled",
        "redemption.rollback.succeeded",
    ]
    assert wholly.count("redemption.rollback.succeeded") == 7
    assert wholly.count("customer.redemption.rollback.succeeded") == 7


def test_forgetting_the_customer_forgets_the_returns_and_keeps_sums_right(shop):
    shop.take({0: 1})

    forget_customer(shop.ada, now=NOW)

    assert not OrderReturn.objects.exists()
    assert not SoldLine.objects.exists()
    no_drift(shop)


def test_a_return_costs_the_same_for_many_lines_and_redemptions():
    costs = []
    for lines, codes in ((1, 1), (1, 1), (20, 5)):
        shop = Shop(stacking_rules={"applicable_redeemables_limit": 30})
        refs = []
        for number in range(codes):
            GiftCardFactory(project=shop.project, code=f"G{number}")
            refs.append(RedeemableRef("voucher", f"G{number}", credits=100))
        items = [{**CART[0], "source_id": f"s{n}"} for n in range(lines)]
        for ref in refs:
            shop.redeem(ref, items=items)
        for _ in range(3):
            with CaptureQueriesContext(connection) as statements:
                shop.take(dict.fromkeys(range(lines), 1))
            costs.append(len(statements))
        assert shop.order.status == "CANCELED"

    assert costs[:3] == costs[3:6] == costs[6:]


@pytest.mark.parametrize(
    ("table", "field", "name"),
    [
        (SoldLine, "returned_quantity", "units returned"),
        (Order, "returned_amount", "paid back for orders"),
        (ReturnedShare, "discount_amount", "discounts returned"),
        (ReturnedShare, "order_amount", "orders' values returned"),
        (ReturnedShare, "card_amount", "credits returned"),
    ],
)
def test_what_is_kept_of_returns_and_drifted_is_found(shop, table, field, name):
    shop.take({0: 1})
    first = table.objects.exclude(**{field: None}).order_by("pk").first()
    table.objects.filter(pk=first.pk).update(**{field: F(field) + 1})

    found = shop.drifts()

    assert found.pop(name) == 1
    assert set(found.values()) == {0}
