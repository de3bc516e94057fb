"""Units taken back at the dashboard, on the page of their order."""

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from redemptions.models import Order, OrderReturn, Redemption
from redemptions.services.order import create_order
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from tests.admin_site import (
    NOW,
    address,
    make_project,
    messages_of,
    page_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.redemptions.admin.checkout import coupon

pytestmark = pytest.mark.django_db

ITEMS = [
    {"source_id": "mug", "product": {"name": "Mug"}, "quantity": 2, "price": 1000},
    {"source_id": "tea", "quantity": 1, "price": 500},
]


@pytest.fixture
def shop():
    return make_project(currency="EUR")


@pytest.fixture
def order(shop):
    """An order of 25.00 with 20 per cent off."""
    coupon(shop)
    request = CheckoutRequest(
        redeemables=(RedeemableRef("voucher", "SAVE20"),),
        order={"source_id": "o-1", "items": ITEMS},
    )
    redeem(project=shop, request=request, now=NOW)
    return shop.orders.get()


def test_returning_units_tells_what_to_pay_back_and_shows_it(shop, order):
    person = sign_in(shop, "USER")

    response = person.run(order, "return_units", line_0="1", reason="Broken")

    made = OrderReturn.objects.get()
    assert response.status_code == 302
    assert messages_of(response) == ["Returned: 8.00 EUR to pay back."]
    assert (made.refund_amount, made.reason) == (800, "Broken")
    [shown] = person.open(order).context["returns"]
    assert (shown["units"], shown["refund"], shown["discount"], shown["reason"]) == (
        "1 × Mug",  # noqa: RUF001 - a times sign
        "8.00 EUR",
        "2.00 EUR",
        "Broken",
    )
    row = Redemption.objects.get()
    assert "5.00 EUR, 2.00 EUR of it returned" in text_of(person.open(row))


def test_the_dialog_asks_for_each_line_that_has_units_left(shop, order):
    person = sign_in(shop, "USER")
    address = page_of(order).replace("/change/", "/return_units/")

    before = person.client.get(address)
    person.run(order, "return_units", line_0="1", line_1="1", reason="Broken")
    after = person.client.get(address)

    def labels(response):
        return [field.label for field in response.context["form"].visible_fields()]

    assert labels(before) == ["Mug, 2 left", "tea, 1 left", "Reason"]
    assert labels(after) == ["Mug, 1 left", "Reason"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"reason": "Broken"}, "Say how many units came back."),
        ({"line_0": "3", "reason": "Broken"}, "less than or equal to 2"),
        ({"line_0": "1", "reason": ""}, "This field is required."),
    ],
)
def test_what_does_not_fit_is_asked_again(shop, order, values, told):
    response = sign_in(shop, "USER").run(order, "return_units", **values)

    assert response.status_code == 200
    assert told in text_of(response)
    assert not OrderReturn.objects.exists()


def test_a_refusal_shows_inside_the_dialog(shop, order):
    order.status = "CANCELED"
    order.save()
    person = sign_in(shop, "USER")

    response = person.run(order, "return_units", line_0="1", reason="Broken")

    assert response.status_code == 200
    assert "it must be PAID or FULFILLED" in text_of(response)
    assert "return_units" not in text_of(person.open(order))
    assert not OrderReturn.objects.exists()


@pytest.mark.parametrize("role", ["VIEWER", "MERCHANT"])
def test_who_may_only_read_returns_nothing(shop, order, role):
    response = sign_in(shop, role).run(order, "return_units", line_0="1", reason="x")

    assert response.status_code == 403
    assert not OrderReturn.objects.exists()


def test_orders_of_another_project_do_not_exist(shop):
    other = make_project("Other")
    foreign = create_order(project=other, now=NOW, items=ITEMS, status="PAID")

    response = sign_in(shop, "USER").run(
        foreign, "return_units", line_0="1", reason="x"
    )

    assert response.status_code == 404
    assert not OrderReturn.objects.exists()


def test_the_page_costs_the_same_for_one_return_as_for_two(shop, order):
    person = sign_in(shop, "USER")
    person.run(order, "return_units", line_0="1", reason="Broken")
    for_one = statements_of(lambda: person.open(order))
    person.run(order, "return_units", line_1="1", reason="Broken")
    order.refresh_from_db()
    assert order.status == "PAID"

    assert statements_of(lambda: person.open(order)) == for_one


def preview_of(person, order, **query):
    return person.client.get(address(Order, "return_preview", quote(order.pk)), query)


def test_while_units_are_typed_the_dialog_shows_what_is_paid_back(shop, order):
    shown = preview_of(sign_in(shop, "USER"), order, line_0="1")

    assert (shown.context["refund"], shown.context["amount"]) == (
        "8.00 EUR",
        "10.00 EUR",
    )
    assert shown.context["shares"] == [
        {"name": "SAVE20", "what": "2.00 EUR of discount taken back"}
    ]
    assert not OrderReturn.objects.exists()


def test_the_last_units_give_the_use_back(shop, order):
    shown = preview_of(sign_in(shop, "USER"), order, line_0="2", line_1="1")

    assert [one["what"] for one in shown.context["shares"]] == [
        "5.00 EUR of discount taken back, rolled back, so the use is given back"
    ]
    assert Redemption.objects.get().status == "SUCCEEDED"


@pytest.mark.parametrize(
    "query",
    [{}, {"line_0": ""}, {"line_0": "0"}, {"line_x": "1"}, {"line_0": "9" * 5000}],
)
def test_what_is_no_number_of_units_shows_no_result(shop, order, query):
    shown = preview_of(sign_in(shop, "USER"), order, **query)

    assert "see here what is paid back" in text_of(shown)
    assert "paid back</strong>" not in text_of(shown)


def test_what_would_be_refused_is_said(shop, order):
    shown = preview_of(sign_in(shop, "USER"), order, line_0="3")

    assert "must be &lt;= 2, which is left of the line" in text_of(shown)


def test_a_preview_is_for_who_may_return(shop, order):
    other = sign_in(make_project("Other"), "ADMIN", "other@example.com")

    assert preview_of(sign_in(shop, "MERCHANT"), order, line_0="1").status_code == 403
    assert preview_of(other, order, line_0="1").status_code == 404
    nobody = Client().get(address(Order, "return_preview", quote(order.pk)))
    assert nobody.status_code == 302


def test_units_come_back_on_the_page_of_their_redemption(shop, order):
    row = Redemption.objects.get()
    person = sign_in(shop, "SUPPORT")
    dialog = person.client.get(address(Redemption, "return_units", quote(row.pk)))

    response = person.run(row, "return_units", line_0="1", reason="Broken")

    made = OrderReturn.objects.get()
    assert [one.label for one in dialog.context["form"].visible_fields()] == [
        "Mug, 2 left",
        "tea, 1 left",
        "Reason",
    ]
    assert response["Location"] == page_of(row)
    assert messages_of(response) == ["Returned: 8.00 EUR to pay back."]
    assert (made.order, made.refund_amount, made.reason) == (order, 800, "Broken")


@pytest.mark.parametrize("role", ["VIEWER", "MERCHANT"])
def test_who_may_only_read_returns_nothing_there_either(shop, order, role):
    row = Redemption.objects.get()
    person = sign_in(shop, role)

    response = person.run(row, "return_units", line_0="1", reason="x")

    assert response.status_code == 403
    assert "Return units" not in text_of(person.open(row))
    assert not OrderReturn.objects.exists()


def test_a_redemption_without_an_order_has_no_units(shop):
    coupon(shop, "BARE")
    request = CheckoutRequest(redeemables=(RedeemableRef("voucher", "BARE"),))
    row = redeem(project=shop, request=request, now=NOW).rows[0]
    person = sign_in(shop, "USER")

    response = person.run(row, "return_units", reason="x")

    assert "Return units" not in text_of(person.open(row))
    assert "Say how many units came back." in text_of(response)
    assert not OrderReturn.objects.exists()


def test_units_of_another_projects_redemption_do_not_exist(shop, order):
    row = Redemption.objects.get()
    person = sign_in(make_project("Other"), "ADMIN")

    response = person.run(row, "return_units", line_0="1", reason="x")

    assert response.status_code == 404
    assert not OrderReturn.objects.exists()
