"""Orders at the dashboard."""

import pytest

from redemptions.models import Order
from redemptions.services.order import create_order
from tests.admin_site import NOW, make_project, rows_of, sign_in, statements_of
from tests.redemptions.admin.checkout import buy, coupon

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_cart_and_what_was_used_on_it():
    shop = make_project(currency="EUR")
    coupon(shop)
    buy(shop, "SAVE20")

    context = sign_in(shop, "VIEWER").open(shop.orders.get()).context

    assert [(one.name, one.amount) for one in context["cart"].sums] == [
        ("Amount", "50.00 EUR"),
        ("Discounts on the order", "-10.00 EUR"),
        ("To pay", "40.00 EUR"),
    ]
    assert [(one["what"], one["discount"]) for one in context["redemptions"]] == [
        ("SAVE20", "10.00 EUR")
    ]


def test_the_cart_has_a_line_an_item():
    shop = make_project(currency="EUR")
    items = [{"source_id": "mug", "product": {"name": "Mug"}, "quantity": 2}]
    items[0]["price"] = 700
    order = create_order(project=shop, now=NOW, source_id="o-1", items=items)

    [line] = sign_in(shop, "VIEWER").open(order).context["cart"].lines

    assert (line.name, line.quantity, line.price) == ("Mug", "2", "7.00 EUR")
    assert (line.amount, line.discount, line.subtotal) == (
        "14.00 EUR",
        "",
        "14.00 EUR",
    )


def test_the_list_finds_by_whole_ids_and_filters_by_status():
    shop = make_project()
    paid = create_order(
        project=shop, now=NOW, source_id="o-1", amount=100, status="PAID"
    )
    create_order(project=shop, now=NOW, source_id="o-2", amount=100)
    person = sign_in(shop, "VIEWER")

    for query in ({"q": "o-1"}, {"q": paid.pk}, {"status__exact": "PAID"}):
        assert rows_of(person.list(Order, **query)) == [paid]


def test_nobody_changes_an_order_here():
    shop = make_project()
    order = create_order(project=shop, now=NOW, source_id="o-1", amount=100)
    person = sign_in(shop, "ADMIN")

    assert person.add(Order, source_id="x").status_code == 403
    assert person.change(order, status="PAID").status_code == 403
    assert person.delete(order).status_code == 403
    assert Order.objects.get().status == "CREATED"


def test_orders_of_another_project_do_not_exist():
    person = sign_in(make_project(), "ADMIN")
    other = make_project("Other")
    foreign = create_order(project=other, now=NOW, source_id="o-1", amount=100)

    assert rows_of(person.list(Order)) == []
    assert rows_of(person.list(Order, q="o-1")) == []
    assert person.open(foreign).status_code == 302


def test_listing_costs_the_same_for_one_row_as_for_twenty():
    shop = make_project()
    person = sign_in(shop, "VIEWER")

    def order(number):
        sent = {"source_id": f"o-{number}", "amount": 100}
        customer = {"source_id": f"c-{number}"}
        create_order(project=shop, now=NOW, customer=customer, **sent)

    order(0)
    for_one = statements_of(lambda: person.list(Order))

    for number in range(1, 20):
        order(number)

    assert statements_of(lambda: person.list(Order)) == for_one
