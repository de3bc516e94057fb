"""A redemption of the log is decided again: with its cart, as of then or now."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from campaigns.models import CampaignVersion
from campaigns.services.rule_assignments import delete_assignment
from customers.services.erasure import erase_customer
from promo.errors import Rejected
from promo.tenancy.permissions import ALL
from promo.tenancy.services.roles import create_role
from redemptions.models import Redemption
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from tests.admin_site import NOW, make_project, sign_in, statements_of, text_of
from tests.factories.campaigns import GiftCardFactory, VoucherFactory
from tests.factories.catalogue import ProductFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import buy, coupon, fail
from tests.redemptions.rehearsal.test_try_it import every_row

pytestmark = pytest.mark.django_db

MUGS = [
    {
        "source_id": "mug",
        "product": {"name": "Mug"},
        "quantity": 2,
        "price": 1000,
        "metadata": {"colour": "red"},
    }
]
FROM_100 = {
    "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": [10_000]}},
    "logic": "1",
}


@pytest.fixture
def shop():
    return make_project(currency="EUR", timezone="Europe/Paris")


@pytest.fixture
def refused(shop):
    """A refusal of a cart of two mugs, for want of a bigger one."""
    voucher = coupon(shop)
    rule = ValidationRuleFactory(project=shop, name="From 100", rules=FROM_100)
    AssignmentFactory(project=shop, rule=rule, related_object_id=voucher.campaign.pk)
    return fail(shop, "SAVE20", items=MUGS, customer={"source_id": "ada"})


def leads_of(response):
    return dict(response.context["leads"])


def asked_again(person, link):
    response = person.client.get(link)
    assert response.status_code == 200
    assert response.context["form"].errors == {}
    return response


def test_a_refusal_keeps_the_cart_and_what_was_asked_for(shop, refused):
    response = sign_in(shop, "VIEWER").open(refused)

    [line] = response.context["cart"].lines
    sums = [(one.name, one.amount) for one in response.context["cart"].sums]
    assert (line.name, line.quantity, line.price) == ("Mug", "2", "10.00 EUR")
    assert sums == [("Amount", "20.00 EUR"), ("To pay", "20.00 EUR")]
    assert refused.trace["asked"] == [{"object": "voucher", "id": "SAVE20"}]
    assert refused.order_state is None
    assert refused.order_id is None
    assert {"customer", "customer_id", "id"}.isdisjoint(refused.trace["order"])


def test_as_of_then_it_is_decided_with_the_same_cart(shop, refused):
    person = sign_in(shop, "VIEWER")
    link = leads_of(person.open(refused))["Decide again as of then"]
    before = every_row()

    response = asked_again(person, link)

    result = response.context["result"]
    assert result["headline"] == "Nothing would apply."
    assert result["now"] == refused.created_at
    assert [one.summary for one in result["told"]] == [
        "SAVE20 was refused: order amount was 20.00 EUR, needs at least 100.00 EUR."
    ]
    assert "Its result then: Refused." in text_of(response)
    assert every_row() == before


def test_as_of_now_it_is_decided_by_what_holds_now(shop, refused):
    delete_assignment(shop.validation_rule_assignments.get(), now=NOW)
    person = sign_in(shop, "VIEWER")
    link = leads_of(person.open(refused))["Decide again as of now"]

    response = asked_again(person, link)

    assert "at" not in parse_qs(urlsplit(link).query)
    assert response.context["result"]["headline"] == (
        "To pay: 16.00 EUR instead of 20.00 EUR"
    )


def test_what_succeeded_is_tried_as_it_was_sent(shop):
    tier = TierFactory(project=shop, name="Ten for all")
    coupon(shop)
    row = buy(
        shop, "SAVE20", tiers=[tier.pk], items=MUGS, customer={"source_id": "ada"}
    )
    person = sign_in(shop, "VIEWER")
    link = leads_of(person.open(row))["Decide again as of then"]

    response = asked_again(person, link)

    form = response.context["form"]
    [item] = json.loads(form["pasted"].value())["order"]["items"]
    assert form["codes"].value() == "SAVE20"
    assert form["tiers"].value() == [tier.pk]
    assert form["customer"].value() == row.customer_id
    assert item["quantity"] == 2
    assert item["price"] == 1000
    assert item["product"]["name"] == "Mug"
    assert item["metadata"] == {"colour": "red"}
    assert response.context["result"]["accepted"]


def test_lines_that_a_discount_added_are_not_sent_again(shop):
    tea = ProductFactory(project=shop, source_id="tea", price=500)
    free = {"type": "UNIT", "effect": "ADD_NEW_ITEMS", "unit_off": 1}
    VoucherFactory(project=shop, code="FREE", discount={**free, "unit_type": tea.pk})
    row = buy(shop, "FREE", items=MUGS)
    person = sign_in(shop, "VIEWER")
    link = leads_of(person.open(row))["Decide again as of then"]

    response = asked_again(person, link)

    order = json.loads(response.context["form"]["pasted"].value())["order"]
    assert len(row.order_state["items"]) == 2
    assert [one["source_id"] for one in order["items"]] == ["mug"]
    assert order["amount"] == 2000


def test_credits_that_were_asked_for_are_asked_for_again(shop):
    GiftCardFactory(project=shop, code="GIFT", credited_amount=5_000)
    request = CheckoutRequest(
        redeemables=(RedeemableRef("voucher", "GIFT", credits=9_000),),
        order={"amount": 20_000},
    )
    with pytest.raises(Rejected):
        redeem(project=shop, request=request, now=NOW)
    person = sign_in(shop, "VIEWER")
    row = Redemption.objects.get()

    response = asked_again(
        person, leads_of(person.open(row))["Decide again as of then"]
    )

    body = json.loads(response.context["form"]["pasted"].value())
    assert body["redeemables"] == [
        {"object": "voucher", "id": "GIFT", "gift": {"credits": 9_000}}
    ]
    assert not response.context["result"]["accepted"]


def test_erasing_the_customer_takes_the_cart_too(shop, refused):
    twenty = [{**MUGS[0], "quantity": 20}]
    buy(shop, "SAVE20", order="first", items=twenty, customer={"source_id": "a"})
    named = fail(shop, "SAVE20", items=MUGS, customer={"source_id": "a"})

    erase_customer(shop, "a", now=NOW)

    named.refresh_from_db()
    person = sign_in(shop, "VIEWER")
    assert named.trace == {}
    assert person.open(named).context["cart"] is None
    page = person.client.get(leads_of(person.open(named))["Decide again as of then"])
    assert page.context["form"].errors == {
        "codes": ["Name a code, or choose a promotion."]
    }


def test_a_rollback_is_not_decided_again(shop):
    coupon(shop)
    row = buy(shop, "SAVE20", now=NOW)
    undone = Redemption.objects.create(
        project=shop,
        object="redemption_rollback",
        result="SUCCESS",
        status="SUCCEEDED",
        created_at=NOW,
        original=row,
    )
    person = sign_in(shop, "VIEWER")
    page = f"{reverse('try-it')}?redemption={undone.shown_id}"

    assert leads_of(person.open(undone)) == {}
    assert person.client.get(page).status_code == 404


def test_a_redemption_of_another_project_is_not_decided_here(refused):
    person = sign_in(make_project("Other"), "ADMIN")

    response = person.client.get(f"{reverse('try-it')}?redemption={refused.shown_id}")

    assert response.status_code == 404


def test_deciding_again_needs_both_permissions(shop, refused):
    page = f"{reverse('try-it')}?redemption={refused.shown_id}"
    for missing in ("redemptions.read", "campaigns.read"):
        role = create_role(
            project=shop, now=NOW, name=missing, permissions=sorted(ALL - {missing})
        )
        person = sign_in(shop, role.pk, f"{missing}@example.com")

        assert person.client.get(page).status_code == 403

    assert leads_of(person.open(refused)) == {}


def test_deciding_again_costs_no_more_than_a_page(shop, refused):
    person = sign_in(shop, "VIEWER")
    link = leads_of(person.open(refused))["Decide again as of then"]

    assert statements_of(lambda: person.client.get(link)) <= 20
    assert statements_of(lambda: person.open(refused)) <= 20


def version(campaign, at):
    return CampaignVersion.objects.create(
        project=campaign.project,
        campaign=campaign,
        snapshot={"campaign": {}, "rules": {}},
        created_at=at,
    )


def test_the_page_leads_to_the_version_that_decided(shop):
    campaign = coupon(shop, campaign_name="Spring").campaign
    version(campaign, NOW - timedelta(days=9))
    used = version(campaign, NOW - timedelta(days=2))
    row = buy(shop, "SAVE20")
    person = sign_in(shop, "VIEWER")

    unchanged = leads_of(person.open(row))
    newest = version(campaign, NOW + timedelta(hours=1))
    changed = leads_of(person.open(row))

    page = reverse("campaign-versions", args=(campaign.pk,))
    assert unchanged["Decided by version 2 of Spring"] == f"{page}?to={used.pk}"
    assert "What changed since" not in unchanged
    assert changed["What changed since"] == f"{page}?from={used.pk}&to={newest.pk}"


def test_before_the_first_version_the_page_names_none(shop):
    campaign = coupon(shop).campaign
    row = buy(shop, "SAVE20")
    version(campaign, NOW + timedelta(hours=1))

    leads = leads_of(sign_in(shop, "VIEWER").open(row))

    page = reverse("campaign-versions", args=(campaign.pk,))
    assert leads["Versions of the campaign"] == page
