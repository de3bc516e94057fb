from redemptions.engine.facts import ItemFacts
from redemptions.engine.order import Taken, opening_state, take_off
from redemptions.engine.order_rendering import (
    order_as_json,
    stored_order_as_json,
    uncalculated_order_as_json,
)
from tests.redemptions.engine.carts import NOW, line, order, product, sku

BARE = {"metadata": {}, "customer_id": None, "referrer_id": None, "object": "order"}


def test_without_an_order_only_its_frame_is_shown():
    assert order_as_json(None) == BARE
    assert uncalculated_order_as_json(None) == BARE
    assert uncalculated_order_as_json(order()) == BARE


def test_an_undiscounted_order_shows_just_amount_and_total():
    assert order_as_json(opening_state(order(amount=900))) == {
        "amount": 900,
        "total_amount": 900,
        **BARE,
    }


def test_an_order_without_any_amount_shows_no_totals():
    shown = order_as_json(opening_state(order(line("a", None, 2))))

    assert shown == {
        "items": [
            {
                "object": "order_item",
                "product_id": "prod_a",
                "quantity": 2,
                "product": {"id": "prod_a", "source_id": "a", "name": "A"},
            }
        ],
        **BARE,
    }


def test_a_discounted_order_shows_cumulative_and_applied_amounts():
    cart = order(
        line("a", 1000, 2, echo={"source_id": "a", "related_object": "product"}),
        line("b", 300, product=product("b"), sku=sku("big", 300)),
        discount_amount=50,
    )

    shown = order_as_json(take_off(opening_state(cart), Taken(100, {0: 2000})))

    assert shown == {
        "amount": 2300,
        "discount_amount": 150,
        "items_discount_amount": 2000,
        "total_discount_amount": 2150,
        "total_amount": 150,
        "applied_discount_amount": 100,
        "items_applied_discount_amount": 2000,
        "total_applied_discount_amount": 2100,
        "items": [
            {
                "object": "order_item",
                "source_id": "a",
                "related_object": "product",
                "product_id": "prod_a",
                "quantity": 2,
                "amount": 2000,
                "discount_amount": 2000,
                "applied_discount_amount": 2000,
                "price": 1000,
                "subtotal_amount": 0,
                "product": {
                    "id": "prod_a",
                    "source_id": "a",
                    "name": "A",
                    "price": 1000,
                },
            },
            {
                "object": "order_item",
                "product_id": "prod_b",
                "sku_id": "sku_big",
                "quantity": 1,
                "amount": 300,
                "price": 300,
                "subtotal_amount": 300,
                "product": {"id": "prod_b", "source_id": "b", "name": "B"},
                "sku": {"id": "sku_big", "source_id": "big", "price": 300},
            },
        ],
        **BARE,
    }


def test_a_stored_order_shows_its_identity_people_and_units():
    inline = ItemFacts("product", None, None, "Mug", metadata={"colour": "red"})
    unnamed_sku = ItemFacts("sku", None, None, "Large")
    cart = order(
        line(
            "a",
            None,
            3,
            amount=900,
            product=inline,
            sku=unnamed_sku,
            id="ordli_1",
            metadata={"gift": True},
            initial_quantity=2,
            initial_amount=600,
            discount_quantity=1,
        ),
        id="ord_1",
        source_id="web-1",
        status="PAID",
        created_at=NOW,
        customer_id="cust_ada",
        referrer_id="cust_bob",
        metadata={"channel": "web"},
        initial_amount=600,
    )

    assert order_as_json(opening_state(cart)) == {
        "id": "ord_1",
        "source_id": "web-1",
        "created_at": "2027-03-15T12:00:00.000Z",
        "status": "PAID",
        "amount": 900,
        "initial_amount": 600,
        "total_amount": 900,
        "items": [
            {
                "object": "order_item",
                "id": "ordli_1",
                "quantity": 3,
                "discount_quantity": 1,
                "initial_quantity": 2,
                "amount": 900,
                "initial_amount": 600,
                "subtotal_amount": 900,
                "product": {"name": "Mug", "metadata": {"colour": "red"}},
                "sku": {"sku": "Large"},
                "metadata": {"gift": True},
            }
        ],
        "metadata": {"channel": "web"},
        "customer": {"id": "cust_ada", "object": "customer"},
        "customer_id": "cust_ada",
        "referrer": {"id": "cust_bob", "object": "customer"},
        "referrer_id": "cust_bob",
        "object": "order",
    }


def test_a_redeemed_order_shows_what_was_applied_even_if_nothing_was():
    shown = stored_order_as_json(opening_state(order(amount=900)), "cust_ada")

    assert shown["applied_discount_amount"] == 0
    assert shown["total_applied_discount_amount"] == 0
    assert shown["customer"] == {"id": "cust_ada", "object": "customer"}
    assert shown["customer_id"] == "cust_ada"


def test_a_redeemed_order_without_amount_and_customer_shows_neither():
    shown = stored_order_as_json(opening_state(order()), None)

    assert shown == BARE


def test_a_qualification_echoes_the_lines_uncalculated():
    cart = order(
        line("a", 100, 2, echo={"product_id": "a"}, metadata={"x": 1}),
        line("b", None, product=None, amount=7),
        source_id="web-1",
    )

    assert uncalculated_order_as_json(cart) == {
        "source_id": "web-1",
        "items": [
            {
                "object": "order_item",
                "product_id": "a",
                "quantity": 2,
                "price": 100,
                "product": {
                    "id": "prod_a",
                    "source_id": "a",
                    "name": "A",
                    "price": 100,
                },
                "metadata": {"x": 1},
            },
            {"object": "order_item", "quantity": 1, "amount": 7},
        ],
        **BARE,
    }
