"""What a return would come to is what it comes to; looking moves nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promo.errors import BadRequest, InvalidPayload, ResourceNotFound
from redemptions.models import OrderReturn, SoldLine
from redemptions.services.requests import RedeemableRef
from redemptions.services.returns import preview_return
from redemptions.services.sold_lines import AskedLine
from tests.redemptions.services.return_shop import BOUGHT, Shop
from tests.redemptions.services.test_returns import splits

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    made = Shop()
    made.buy()
    return made


def looked(shop, units):
    lines = [AskedLine(index=at, quantity=count) for at, count in units.items()]
    return preview_return(project=shop.project, order="o-1", lines=lines)


def moved_by(found):
    """Return what would be taken back of each redemption, by its key."""
    return {
        one.row.pk: (one.discount_amount, one.card_amount or None, one.is_whole)
        for one in found.movements
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_preview_says_what_the_return_then_does(shop, seed):
    for units in splits(seed):
        found = looked(shop, units)
        made = shop.take(units)

        back = found.returned
        assert (back.amount, back.discount_amount, back.refund_amount) == (
            made.amount,
            made.discount_amount,
            made.refund_amount,
        )
        done = {
            share.redemption_id: (
                share.discount_amount,
                share.card_amount or None,
                share.rollback_id is not None,
            )
            for share in made.shares.all()
            if share.discount_amount or share.card_amount or share.rollback_id
        }
        assert moved_by(found) == done


def test_a_preview_stores_and_holds_nothing(shop):
    before = shop.stands()

    with CaptureQueriesContext(connection) as caught:
        looked(shop, BOUGHT)

    words = [query["sql"].split()[0] for query in caught]
    assert set(words) == {"SELECT"}
    assert not any("FOR NO KEY UPDATE" in query["sql"] for query in caught)
    assert shop.stands() == before
    assert not SoldLine.objects.exists()
    assert not OrderReturn.objects.exists()


def test_more_than_is_left_is_refused_as_the_return_would_be(shop):
    shop.take({0: 2})

    with pytest.raises(BadRequest) as refused:
        looked(shop, {0: 2})

    assert refused.value.key == "return_quantity_exceeded"
    assert refused.value.details == (
        "Property .items[0].quantity must be <= 1, which is left of the line"
    )


def test_what_was_rolled_back_whole_cannot_be_looked_at_in_parts():
    shop = Shop()
    row = shop.redeem(RedeemableRef("voucher", "TEN"))
    shop.roll_back(row)
    shop.project.orders.update(status="PAID")
    lines = [AskedLine(index=0, quantity=1)]

    found = preview_return(project=shop.project, order="o-1", lines=lines)

    assert found.movements == []
    assert found.returned.discount_amount == 0


@pytest.mark.parametrize(
    ("order", "lines", "refusal"),
    [
        ("o-2", [AskedLine(index=0, quantity=1)], ResourceNotFound),
        ("o-1", [], InvalidPayload),
        ("o-1", [AskedLine(index=9, quantity=1)], BadRequest),
    ],
)
def test_what_cannot_be_returned_cannot_be_looked_at(shop, order, lines, refusal):
    with pytest.raises(refusal):
        preview_return(project=shop.project, order=order, lines=lines)

    assert not SoldLine.objects.exists()


def test_an_order_that_nobody_paid_is_refused(shop):
    shop.project.orders.update(status="CREATED")

    with pytest.raises(BadRequest) as refused:
        looked(shop, {0: 1})

    assert refused.value.key == "invalid_order"


def test_looking_costs_the_same_for_many_redemptions(shop):
    other = Shop()
    other.redeem(RedeemableRef("voucher", "TEN"))

    def cost(of):
        with CaptureQueriesContext(connection) as caught:
            looked(of, {0: 1})
        return len(caught)

    assert cost(other) == cost(shop)
