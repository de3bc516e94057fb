"""Everything that is kept about a customer, as a file."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.test import Client

from campaigns.services.publication import PublicationRequest, publish, recipient
from customers.models import Customer
from customers.services.segment_members import enter
from promo.tenancy.permissions import ALL
from promo.tenancy.services.roles import create_role
from redemptions.services.balance import change_balance
from redemptions.services.returns import return_items
from redemptions.services.sold_lines import AskedLine
from tests.admin_site import (
    NOW,
    address,
    make_project,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import GiftCardFactory
from tests.factories.customers import SegmentFactory
from tests.redemptions.admin.checkout import buy, coupon

pytestmark = pytest.mark.django_db

SECTIONS = [
    "profile",
    "segments",
    "consents",
    "events",
    "activity",
    "codes",
    "publications",
    "orders",
    "redemptions",
    "returns",
    "transactions",
    "messages",
]


def file_address(customer: Customer) -> str:
    return address(Customer, "download", quote(customer.pk))


def downloaded(person, customer) -> dict:
    response = person.client.get(file_address(customer))
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Content-Disposition"] == (
        f'attachment; filename="{customer.pk}.json"'
    )
    return json.loads(b"".join(response.streaming_content))


@pytest.fixture
def ada():
    """Somebody who has a card, bought twice and sent something back."""
    shop = make_project(currency="EUR")
    for code in ("SAVE20", "MORE20"):
        coupon(shop, code)
        buy(
            shop,
            code,
            customer={"source_id": "ada", "name": "Zoë"},
            items=[{"source_id": "mug", "quantity": 2, "price": 1000}],
        )
    customer = shop.customers.get()
    order = shop.orders.get(source_id="order-SAVE20")
    return_items(
        project=shop, order=order.pk, lines=[AskedLine(index=0, quantity=1)], now=NOW
    )
    card = GiftCardFactory(project=shop, code="GIFT", credited_amount=5_000)
    asked = PublicationRequest(
        customer=recipient(shop, customer.pk), voucher="GIFT", channel="Dashboard"
    )
    publish(project=shop, request=asked, now=NOW)
    card.refresh_from_db()
    change_balance(card, amount=500, reason="Sorry", now=NOW)
    friends = SegmentFactory(project=shop, name="Friends", type="static", filter=None)
    enter([(friends.pk, customer.pk)], now=NOW)
    return customer


def test_the_file_has_what_every_app_keeps(ada):
    buy(ada.project, "SAVE20", order="of-bob", customer={"source_id": "bob"})

    found = downloaded(sign_in(ada.project, "USER"), ada)

    assert list(found) == SECTIONS
    assert found["profile"][0]["name"] == "Zoë"
    assert found["segments"] == [
        {**found["segments"][0], "name": "Friends", "object": "segment"}
    ]
    assert [one["redeemable"]["voucher"]["code"] for one in found["codes"]] == ["GIFT"]
    assert [one["voucher"]["code"] for one in found["publications"]] == ["GIFT"]
    assert [one["source_id"] for one in found["orders"]] == [
        "order-SAVE20",
        "order-MORE20",
    ]
    assert [one["voucher"]["code"] for one in found["redemptions"]] == [
        "SAVE20",
        "MORE20",
    ]
    assert [one["refund_amount"] for one in found["returns"]] == [800]
    assert [one["reason"] for one in found["transactions"]] == ["Sorry"]
    assert "bob" not in json.dumps(found)


def test_the_file_of_somebody_new_has_empty_sections():
    project = make_project()
    person = sign_in(project, "USER")
    person.add(Customer, name="Ada")

    found = downloaded(person, project.customers.get())

    assert list(found) == SECTIONS
    assert [name for name in SECTIONS if found[name]] == ["profile", "activity"]


def test_the_history_says_who_took_it(ada):
    person = sign_in(ada.project, "USER")

    downloaded(person, ada)

    [entry] = LogEntry.objects.all()
    history = person.client.get(address(Customer, "history", quote(ada.pk)))
    assert (entry.user, entry.object_id) == (person.user, ada.pk)
    assert "Downloaded everything about the customer." in text_of(history)


@pytest.mark.parametrize("missing", ["customers.details.read", "exports.create"])
def test_who_may_not_take_details_out_gets_nothing(ada, missing):
    role = create_role(
        project=ada.project, now=NOW, name="Theirs", permissions=sorted(ALL - {missing})
    )
    person = sign_in(ada.project, role.pk, "theirs@example.com")

    response = person.client.get(file_address(ada))

    assert response.status_code == 403
    assert "Download everything" not in text_of(person.open(ada))
    assert not LogEntry.objects.exists()


def test_nobody_gets_it_without_signing_in(ada):
    response = Client().get(file_address(ada))

    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_a_customer_of_another_project_does_not_exist(ada):
    person = sign_in(make_project("Other"), "ADMIN")

    assert person.client.get(file_address(ada)).status_code == 404
    assert not LogEntry.objects.exists()


def test_twenty_orders_cost_as_much_as_two(ada):
    person = sign_in(ada.project, "USER")
    for_two = statements_of(lambda: downloaded(person, ada))

    for number in range(18):
        coupon(ada.project, f"C{number}")
        buy(ada.project, f"C{number}", customer={"source_id": "ada"})

    assert statements_of(lambda: downloaded(person, ada)) == for_two
