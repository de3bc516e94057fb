"""The screen "Try it": decided like a checkout, explained, and nothing written."""

import json
from datetime import timedelta

import pytest
from django.db import InternalError, connection
from django.urls import reverse

from redemptions.services import rehearse as service
from redemptions.services.requests import CheckoutRequest
from tests.admin_site import NOW, make_project, sign_in, statements_of, text_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import buy, coupon

pytestmark = pytest.mark.django_db

FROM_100 = {
    "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": [10_000]}},
    "logic": "1",
}


@pytest.fixture
def shop():
    return make_project(currency="EUR", timezone="Europe/Paris")


@pytest.fixture
def person(shop):
    return sign_in(shop, "VIEWER")


def tried(person, **values):
    return person.client.post(reverse("try-it"), values)


def result_of(response):
    assert response.status_code == 200
    assert response.context["form"].errors == {}
    return response.context["result"]


def errors_of(response):
    assert response.context["result"] is None
    return {
        field: " ".join(errors)
        for field, errors in response.context["form"].errors.items()
    }


def every_row():
    """Return a fingerprint of each table, so that any write shows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"  # noqa: S608 - names from the catalogue
            )
            found[table] = cursor.fetchone()
    return found


def test_the_page_asks_for_offers_and_a_cart(person):
    response = person.client.get(reverse("try-it"))

    assert response.status_code == 200
    assert "Name a code or choose a promotion, and fill a cart." in text_of(response)


def test_a_code_on_a_cart_of_the_catalogue_shows_the_arithmetic(shop, person):
    coupon(shop)
    ProductFactory(project=shop, name="Mug", source_id="mug", price=1250)
    tea = ProductFactory(project=shop, name="Tea")
    green = SkuFactory(product=tea, source_id="green")

    found = result_of(
        tried(
            person,
            codes="SAVE20",
            item_0="mug",
            quantity_0="2",
            item_1="green",
            price_1="9.00",
        )
    )

    table = found["arithmetic"]
    assert found["headline"] == "To pay: 27.20 EUR instead of 34.00 EUR"
    assert table.offers == ["SAVE20"]
    assert [(r.name, r.note, r.before, r.cells, r.left) for r in table.rows] == [
        ("Mug", "2 x 12.50 EUR", "25.00 EUR", [""], "25.00 EUR"),
        ("Tea", f"{green.sku}, 1 x 9.00 EUR", "9.00 EUR", [""], "9.00 EUR"),
        ("The whole order", "", "", ["-6.80 EUR"], ""),
        ("Left to pay", "", "34.00 EUR", ["27.20 EUR"], "27.20 EUR"),
    ]


def test_offers_show_one_column_each_and_lines_what_each_takes_off(shop, person):
    coupon(shop)
    items = {"type": "AMOUNT", "amount_off": 300, "effect": "APPLY_TO_ITEMS"}
    TierFactory(project=shop, name="Three off", action={"discount": items})
    tier = shop.promotion_tiers.get()
    ProductFactory(project=shop, name="Mug", price=1000)

    found = result_of(
        tried(person, codes="SAVE20", tiers=[tier.pk], item_0="Mug", quantity_0="2")
    )

    assert found["arithmetic"].offers == ["SAVE20", "Three off"]
    assert [row.cells for row in found["arithmetic"].rows] == [
        ["", "-3.00 EUR"],
        ["-4.00 EUR", ""],
        ["-4.00 EUR", "-3.00 EUR"],
        ["16.00 EUR", "13.00 EUR"],
    ]


def test_a_stack_is_tried_as_its_tiers(shop, person):
    first = TierFactory(project=shop, name="First")
    second = TierFactory(project=shop, name="Second", campaign=first.campaign)
    stack = StackFactory(
        project=shop, campaign=first.campaign, name="Both", tiers=[second, first]
    )

    found = result_of(tried(person, tiers=[stack.pk], amount="100"))

    assert found["arithmetic"].offers == ["Second", "First"]
    assert "Both" in text_of(person.client.get(reverse("try-it")))


def test_free_units_show_beside_their_money(shop, person):
    mug = ProductFactory(project=shop, name="Mug", price=1000)
    free = {
        "type": "UNIT",
        "unit_off": 1,
        "unit_type": mug.pk,
        "effect": "ADD_NEW_ITEMS",
    }
    TierFactory(project=shop, name="One free", action={"discount": free})
    tier = shop.promotion_tiers.get()

    found = result_of(tried(person, tiers=[tier.pk], item_0="Mug", quantity_0="2"))

    line = found["arithmetic"].rows[0]
    assert (line.note, line.before) == ("2 x 10.00 EUR", "20.00 EUR")
    assert (line.cells, line.left) == (["-10.00 EUR, +1 units"], "20.00 EUR")


def test_a_refusal_is_told_in_sentences_with_the_text_for_the_shop(shop, person):
    voucher = coupon(shop)
    rule = ValidationRuleFactory(
        project=shop, name="From 100", rules=FROM_100, error={"message": "Spend more"}
    )
    AssignmentFactory(project=shop, rule=rule, related_object_id=voucher.campaign.pk)

    response = tried(person, codes="SAVE20", amount="49.99")

    found = result_of(response)
    assert found["headline"] == "Nothing would apply."
    assert found["arithmetic"] is None
    assert [one.summary for one in found["reasons"]] == [
        "SAVE20 was refused: order amount was 49.99 EUR, needs at least 100.00 EUR."
    ]
    assert "The shop shows: “Spend more”" in text_of(response)


def test_an_unknown_code_is_a_decision_too(shop, person):
    coupon(shop)

    found = result_of(tried(person, codes="SAVE20\nNOPE", amount="50"))

    assert found["headline"] == (
        "Refused: the project applies all of these offers or none."
    )
    assert [one.summary for one in found["reasons"]] == [
        "NOPE was refused: there is no such code or tier."
    ]


def test_a_moment_may_be_chosen_on_the_projects_clock(shop, person):
    coupon(shop, expiration_date=NOW)

    before = result_of(
        tried(person, codes="SAVE20", amount="50", at="2026-03-10T13:00")
    )
    after = result_of(tried(person, codes="SAVE20", amount="50", at="2026-03-10T13:01"))

    assert (before["accepted"], after["accepted"]) == (True, False)
    assert after["reasons"][0].summary == (
        "SAVE20 was refused: it ended on 2026-03-10 13:00, and it was 2026-03-10 13:01."
    )


@pytest.mark.parametrize("name", ["ada", "ada@example.com", "id"])
def test_a_customer_goes_by_id_source_id_or_address(shop, person, name):
    coupon(shop)
    ada = CustomerFactory(project=shop, source_id="ada", email="ada@example.com")

    found = result_of(
        tried(person, codes="SAVE20", customer=ada.pk if name == "id" else name)
    )

    assert found["who"] == "ada"
    assert found["headline"] == "Accepted. There is no cart to take anything off."


def test_a_customer_nobody_knows_is_new(shop, person):
    coupon(shop)

    found = result_of(tried(person, codes="SAVE20", customer="eve@example.com"))

    assert found["who"] == "eve@example.com, who is not stored yet"


def test_a_pasted_request_is_decided_as_the_api_decides_it(shop, person, api, project):
    coupon(project)
    body = {
        "redeemables": [{"object": "voucher", "id": "SAVE20"}],
        "order": {"items": [{"source_id": "x", "price": 700, "quantity": 3}]},
        "customer": {"source_id": "ada"},
    }
    viewer = sign_in(project, "VIEWER", email="other@example.com")

    response = tried(viewer, pasted=json.dumps(body))
    answer = api.post("/v1/validations?explain=true", body).json()

    found = result_of(response)
    assert json.loads(found["as_request"]) == body
    assert found["accepted"] is answer["valid"] is True
    assert found["arithmetic"].rows[-1].left == "16.80 USD"
    assert answer["order"]["total_amount"] == 1680
    assert len(found["told"]) == len(answer["explain"]["redeemables"])


def test_a_pasted_order_goes_with_the_codes_above(shop, person):
    coupon(shop)

    found = result_of(tried(person, codes="SAVE20", pasted='{"amount": 1000}'))

    assert found["headline"] == "To pay: 8.00 EUR instead of 10.00 EUR"


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({}, "codes", "Name a code, or choose a promotion."),
        (
            {"codes": "A", "pasted": '{"amount": 1000,}'},
            "pasted",
            (
                "This is not JSON: Expecting property name enclosed in double quotes "
                "in line 1, column 17."
            ),
        ),
        (
            {"codes": "A", "pasted": "[1]"},
            "pasted",
            "This is a list; an order or a request is an object in { }.",
        ),
        (
            {"codes": "A", "pasted": '{"amount": 1e999}'},
            "pasted",
            "Malformed JSON",
        ),
        (
            {"codes": "A", "pasted": '{"amount": "ten"}'},
            "pasted",
            "Property .order.amount must be integer.",
        ),
        (
            {"codes": "A", "item_0": "sofa"},
            "__all__",
            "The catalogue has no “sofa”: choose from the list, or say what it costs.",
        ),
        ({"codes": "A", "quantity_1": "2"}, "item_1", "Say what it is."),
        ({"codes": "A", "quantity_0": "0", "item_0": "x"}, "quantity_0", "Ensure this"),
        (
            {"codes": "A\nA"},
            "__all__",
            "Duplicated redeemables detected",
        ),
        (
            {"codes": "A", "customer": f"cust_{'0' * 32}"},
            "__all__",
            "Resource not found: Cannot find customer with id cust_000",
        ),
        ({"codes": "A", "at": "yesterday"}, "at", "Enter a valid date/time."),
    ],
)
def test_what_cannot_be_tried_says_why_beside_its_field(person, values, field, text):
    found = errors_of(tried(person, **values))

    assert found[field].startswith(text)


def test_nothing_is_written_whatever_is_tried(shop, person):
    coupon(shop, redemption_quantity=1)
    ProductFactory(project=shop, name="Mug", price=1000)
    tried(person, codes="SAVE20", amount="50")
    before = every_row()

    accepted = tried(
        person,
        codes="SAVE20",
        item_0="Mug",
        customer="somebody-new",
        at="2026-03-10T12:00",
    )
    refused = tried(person, codes="NOPE", amount="50")

    assert result_of(accepted)["accepted"]
    assert not result_of(refused)["accepted"]
    assert every_row() == before


def test_the_database_itself_refuses_to_write_while_something_is_tried(
    shop, monkeypatch
):
    def writes(**_):
        shop.campaigns.update(name="changed")

    monkeypatch.setattr(service, "validate", writes)
    CampaignFactory(project=shop)

    with pytest.raises(InternalError, match="read-only"):
        service.rehearse(project=shop, request=CheckoutRequest(), now=NOW)


def test_a_code_that_is_used_up_still_is_afterwards(shop, person):
    voucher = coupon(shop, redemption_quantity=1)
    buy(shop, "SAVE20")

    found = result_of(tried(person, codes="SAVE20", amount="50"))

    voucher.refresh_from_db()
    assert found["reasons"][0].summary == (
        "SAVE20 was refused: all its uses are taken: 1 of 1."
    )
    assert voucher.redeemed_quantity == 1


def test_a_link_fills_the_form(shop, person):
    tier = TierFactory(project=shop)
    query = {
        "code": ["A", "B"],
        "tier": tier.pk,
        "customer": "ada",
        "at": (NOW + timedelta(minutes=5)).isoformat(),
    }

    form = person.client.get(reverse("try-it"), query).context["form"]

    assert form.initial["codes"] == "A\nB"
    assert form.initial["tiers"] == [tier.pk]
    assert form.initial["customer"] == "ada"
    assert form.initial["at"] == "2026-03-10T13:05"


@pytest.mark.parametrize("at", ["", "soon", "2026-03-10T13:05"])
def test_a_link_without_a_moment_means_now(person, at):
    form = person.client.get(reverse("try-it"), {"at": at}).context["form"]

    assert form.initial["at"] is None


@pytest.mark.parametrize("count", [1, 6])
def test_a_cart_of_any_length_costs_the_same(shop, person, count):
    coupon(shop)
    names = {f"item_{n}": f"Mug {n}" for n in range(count)}
    for name in names.values():
        ProductFactory(project=shop, name=name, price=100)

    assert statements_of(lambda: tried(person, codes="SAVE20", **names)) == STATEMENTS


STATEMENTS = 17


def test_another_projects_codes_tiers_and_items_do_not_exist(shop, person):
    other = make_project("Other")
    coupon(other)
    foreign = TierFactory(project=other)
    ProductFactory(project=other, name="Secret mug", price=100)

    page = person.client.get(reverse("try-it"))
    found = result_of(tried(person, codes="SAVE20", amount="50"))

    assert "Secret mug" not in text_of(page)
    assert foreign.pk not in text_of(page)
    assert found["reasons"][0].summary == (
        "SAVE20 was refused: there is no such code or tier."
    )
    assert "tiers" in errors_of(tried(person, tiers=[foreign.pk]))


def test_who_is_not_signed_in_goes_to_sign_in(client):
    response = client.get(reverse("try-it"))

    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_who_has_no_project_may_not_try(client, django_user_model):
    person = django_user_model.objects.create(email="x@example.com", is_staff=True)
    client.force_login(person)

    assert client.get(reverse("try-it")).status_code == 403


def test_the_menu_leads_here(person):
    assert reverse("try-it") in text_of(person.client.get(reverse("admin:index")))
