"""What cannot be returned, and many returns at once: nothing moves twice."""

from datetime import timedelta

import pytest

from promo.errors import BadRequest, Duplicate, InvalidPayload, ResourceNotFound
from redemptions.models import (
    Order,
    OrderReturn,
    SoldLine,
)
from redemptions.services.order import create_order
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.returns import return_items
from redemptions.services.sold_lines import AskedLine
from redemptions.services.validate import validate
from tests.factories.tenancy import NOW, ProjectFactory
from tests.redemptions.services.return_shop import BOUGHT, Shop, no_drift
from tests.redemptions.services.test_races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    made = Shop()
    made.buy()
    return made


def unmoved(shop, before):
    assert shop.stands() == before
    assert not OrderReturn.objects.exists()
    assert not SoldLine.objects.filter(returned_quantity__gt=0).exists()
    no_drift(shop)


@pytest.mark.parametrize(
    ("line", "key", "details"),
    [
        (
            AskedLine(id="ordli_9", quantity=1),
            "invalid_order_item",
            "Property .items[0].id must name a line of the order",
        ),
        (
            AskedLine(index=3, quantity=1),
            "invalid_order_item",
            "Property .items[0].index must name a line of the order",
        ),
        (
            AskedLine(source_id="kettle", quantity=1),
            "invalid_order_item",
            "Property .items[0].source_id must name a line of the order",
        ),
        (
            AskedLine(quantity=1),
            "invalid_order_item",
            "Property .items[0].source_id must name a line of the order",
        ),
        (
            AskedLine(source_id="tea", quantity=4),
            "return_quantity_exceeded",
            "Property .items[0].quantity must be <= 3, which is left of the line",
        ),
    ],
)
def test_what_the_order_does_not_have_is_refused(shop, line, key, details):
    before = shop.stands()

    with pytest.raises(BadRequest) as refused:
        return_items(project=shop.project, order=shop.order.pk, lines=[line], now=NOW)

    assert (refused.value.key, refused.value.details) == (key, details)
    unmoved(shop, before)


def test_a_return_of_nothing_is_refused(shop):
    before = shop.stands()

    with pytest.raises(InvalidPayload):
        shop.take({})

    unmoved(shop, before)


def test_a_name_of_two_lines_is_refused_and_their_ids_are_not(shop):
    other = Shop()
    items = [{"source_id": "tea", "quantity": 1, "price": 100}] * 2
    create_order(
        project=other.project, now=NOW, source_id="o-1", items=items, status="PAID"
    )

    with pytest.raises(BadRequest, match=r"\.items\[0\]\.source_id names 2 lines"):
        return_items(
            project=other.project,
            order="o-1",
            lines=[AskedLine(source_id="tea", quantity=1)],
            now=NOW,
        )

    line_id = other.order.items[1]["id"]
    made = return_items(
        project=other.project,
        order="o-1",
        lines=[AskedLine(id=line_id, quantity=1)],
        now=NOW,
    )
    assert made.lines.get().sold_line.position == 1


def test_no_more_than_was_bought_comes_back_over_several_returns(shop):
    shop.take({0: 2})
    before = shop.stands()

    with pytest.raises(BadRequest) as refused:
        shop.take({0: 2})

    assert refused.value.details == (
        "Property .items[0].quantity must be <= 1, which is left of the line"
    )
    assert shop.stands() == before
    assert OrderReturn.objects.count() == 1


@pytest.mark.parametrize("status", ["CREATED", "CANCELED"])
def test_only_what_was_paid_comes_back(shop, status):
    Order.objects.update(status=status)
    before = shop.stands()

    with pytest.raises(BadRequest) as refused:
        shop.take({0: 1})

    assert refused.value.key == "invalid_order"
    assert refused.value.resource_id == shop.order.pk
    unmoved(shop, before)


def test_what_was_rolled_back_whole_does_not_come_back_in_parts():
    shop = Shop(stacking_rules={"redeemables_rollback_order_mode": "WITHOUT_ORDER"})
    tier = shop.redeem(RedeemableRef("promotion_tier", shop.tier.pk))
    shop.roll_back(tier)
    before = shop.stands()

    with pytest.raises(BadRequest) as refused:
        shop.take({0: 1})

    assert refused.value.key == "already_rolled_back"
    assert refused.value.resource_id == tier.shown_id
    unmoved(shop, before)
    assert shop.take({1: 1}).refund_amount == 1850


def test_an_order_that_the_shop_revives_comes_back_without_its_old_discounts():
    shop = Shop()
    tier = shop.redeem(RedeemableRef("promotion_tier", shop.tier.pk))
    shop.roll_back(tier)
    Order.objects.update(status="PAID")

    made = shop.take({0: 3})

    assert (made.amount, made.discount_amount) == (3600, 0)
    assert not made.shares.exists()


def test_an_unknown_order_is_not_found(shop):
    with pytest.raises(ResourceNotFound):
        return_items(
            project=ProjectFactory(),
            order=shop.order.pk,
            lines=[AskedLine(index=0, quantity=1)],
            now=NOW,
        )


def test_a_request_that_is_sent_again_returns_once(shop):
    everything = dict(BOUGHT)
    first = shop.take(everything, source_id="rma-1")
    before = shop.stands()

    again = shop.take(everything, source_id="rma-1", now=NOW + timedelta(hours=1))

    assert again.pk == first.pk
    assert shop.stands() == before
    assert OrderReturn.objects.count() == 1
    with pytest.raises(Duplicate):
        shop.take({0: 1}, source_id="rma-1")


def test_an_order_of_which_units_came_back_takes_no_more_discounts(shop):
    shop.take({0: 1})
    before = shop.stands()
    request = CheckoutRequest(
        redeemables=(RedeemableRef("voucher", "TEN"),), order={"id": shop.order.pk}
    )

    for ask in (redeem, validate):
        with pytest.raises(BadRequest) as refused:
            ask(project=shop.project, request=request, now=NOW)
        assert refused.value.key == "invalid_order"

    assert shop.stands() == before


@pytest.mark.django_db(transaction=True)
def test_of_eight_returns_of_the_last_unit_one_succeeds():
    shop = Shop()
    shop.buy()
    shop.take({0: 3, 1: 2})

    outcomes = at_once(lambda _: shop.take({2: 1}) and "done", 8)

    assert outcomes == {"done": 1, "invalid_order": 7}
    assert SoldLine.objects.get(position=2).returned_quantity == 1
    assert shop.order.status == "CANCELED"
    assert shop.stands()["ledger"] == {"GIFT": 0, "CARD": 0}
    no_drift(shop)


@pytest.mark.django_db(transaction=True)
def test_of_eight_returns_of_the_last_unit_of_a_line_one_succeeds():
    shop = Shop()
    shop.buy()
    shop.take({0: 2})

    outcomes = at_once(lambda _: shop.take({0: 1}) and "done", 8)

    assert outcomes == {"done": 1, "return_quantity_exceeded": 7}
    assert SoldLine.objects.get(position=0).returned_quantity == 3
    assert OrderReturn.objects.count() == 2
    no_drift(shop)


@pytest.mark.django_db(transaction=True)
def test_returns_and_rollbacks_at_once_never_deadlock_and_sums_stay_exact():
    shop = Shop()
    rows = shop.buy()

    def work(number):
        if number % 2:
            shop.roll_back(rows[number // 2 % len(rows)])
        else:
            shop.take({number // 2 % 3: 1})
        return "done"

    outcomes = at_once(work, 8)

    assert set(outcomes) <= {
        "done",
        "multiple_requests",
        "invalid_order",
        "already_rolled_back",
    }
    no_drift(shop)
