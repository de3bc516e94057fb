"""What a campaign would have cost: its page, and the panel of the builder."""

from datetime import timedelta

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from promo.clock import utc_now
from promo.tenancy.services.roles import create_role
from redemptions.services.order import create_order
from tests.admin_site import make_project, sign_in, statements_of, text_of
from tests.factories.campaigns import (
    CampaignFactory,
    LoyaltyProgramFactory,
    template,
)
from tests.factories.customers import CustomerFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.redemptions.campaign_builder.test_campaign_builder import (
    CONDITION,
    PERCENT,
    filled,
)
from tests.redemptions.rehearsal.test_try_it import every_row

pytestmark = pytest.mark.django_db

TWENTY = {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ORDER"}
RULES = {
    "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": [6000]}},
    "2": {
        "name": "customer.metadata",
        "property": "level",
        "conditions": {"$is": ["gold"]},
    },
    "logic": "1 and 2",
}


@pytest.fixture
def shop():
    return make_project(currency="EUR", timezone="Europe/Paris")


@pytest.fixture
def person(shop):
    return sign_in(shop, "USER")


@pytest.fixture
def campaign(shop):
    made = CampaignFactory(
        project=shop, name="Spring", voucher=template(discount=TWENTY)
    )
    rule = ValidationRuleFactory(project=shop, name="Gold from 60", rules=RULES)
    AssignmentFactory(
        project=shop,
        rule=rule,
        related_object_id=made.pk,
        related_object_type="campaign",
    )
    return made


def page(campaign):
    return reverse("campaign-backtest", args=(quote(campaign.pk),))


def paid(shop, name, amount, **fields):
    return create_order(
        project=shop,
        now=utc_now() - timedelta(days=1),
        source_id=name,
        amount=amount,
        status="PAID",
        **fields,
    )


def test_the_page_says_what_it_would_have_cost_and_why_others_fail(
    shop, person, campaign
):
    gold = CustomerFactory(project=shop, metadata={"level": "gold"})
    order = paid(shop, "large", 10_000, customer={"id": gold.pk})
    small = paid(shop, "small", 5000, customer={"id": gold.pk})
    paid(shop, "guest", 1000)
    before = every_row()

    answer = person.client.get(page(campaign))

    shown = answer.context["backtest"]
    assert list(shown.figures) == [
        ("Orders that would have got it", "1 of 3 (33.3 %)"),
        ("It would have taken off", "20.00 EUR"),
        ("From each of them, on average", "20.00 EUR"),
        ("Share of the revenue", "12.5 % of 160.00 EUR"),
    ]
    [row] = shown.largest
    assert (row.name, row.value, row.takes) == ("large", "100.00 EUR", "20.00 EUR")
    assert row.link == reverse(
        "admin:redemptions_order_change", args=(quote(order.pk),)
    )
    assert row.why == (
        "20 % off the order takes off 20.00 EUR and leaves 80.00 EUR to pay."
    )
    assert [(one.reason, one.rule, one.count) for one in shown.reasons] == [
        ("Order amount needs at least 60.00 EUR.", "Gold from 60", "2"),
        ("Customer's level needs gold.", "Gold from 60", "1"),
    ]
    first = next(one for one in shown.reasons if one.count == "2")
    assert first.example in {"small", "guest"}
    assert small.source_id in text_of(answer)
    assert {
        table: row for table, row in every_row().items() if "session" not in table
    } == {table: row for table, row in before.items() if "session" not in table}


def test_the_page_says_so_where_nothing_was_paid(person, campaign):
    answer = person.client.get(page(campaign))

    assert answer.context["backtest"].note == "No order was paid in the last 30 days."


def test_cards_are_not_backtested(shop, person):
    programme = LoyaltyProgramFactory(project=shop)
    paid(shop, "order", 1000)

    answer = person.client.get(page(programme))

    assert answer.context["backtest"].note.startswith("Cards were bought or earned")


def test_the_statements_of_the_page_do_not_depend_on_the_orders(shop, person, campaign):
    paid(shop, "first", 10_000)
    for_one = statements_of(lambda: person.client.get(page(campaign)))

    for place in range(12):
        paid(shop, f"o-{place}", 1000 * place)

    assert statements_of(lambda: person.client.get(page(campaign))) == for_one
    assert for_one <= 20


def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(campaign):
    answer = Client().get(page(campaign))

    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize("held", [["campaigns.read"], ["orders.read"]])
def test_both_campaigns_and_orders_must_be_readable(shop, campaign, held):
    role = create_role(project=shop, name="Half", permissions=held, now=NOW)
    person = sign_in(shop, role.pk)

    assert person.client.get(page(campaign)).status_code == 403


def test_campaigns_of_another_project_do_not_exist(person):
    theirs = CampaignFactory()

    assert person.client.get(page(theirs)).status_code == 404
    answer = person.client.get(reverse("campaign-backtest", args=("nonsense",)))
    assert answer.status_code == 404


def test_the_campaign_page_leads_to_its_backtest(person, campaign):
    address = reverse("admin:campaigns_campaign_backtest", args=(quote(campaign.pk),))
    answer = person.client.get(address)

    assert answer["Location"] == page(campaign)


def asked(person, draft):
    step = reverse("campaign-builder-step", args=(quote(draft.pk), "review"))
    return person.client.post(step, {"do": "backtest"}, HTTP_HX_REQUEST="true")


@pytest.mark.parametrize("what", ["cart", "bulk", "generic", "referral"])
def test_a_draft_is_backtested_on_its_last_step(shop, person, what):
    draft = filled(person, what, offer=PERCENT, who=CONDITION)
    paid(shop, "large", 10_000)
    paid(shop, "small", 5000)
    before = shop.campaigns.count()

    answer = asked(person, draft)

    shown = answer.context["backtest"]
    assert dict(shown.figures)["It would have taken off"] == "20.00 EUR"
    assert [(one.reason, one.count) for one in shown.reasons] == [
        ("Order amount needs at least 60.00 EUR.", "1")
    ]
    assert (shop.campaigns.count(), before) == (0, 0)


def test_a_draft_that_is_not_complete_is_not_backtested(person):
    draft = filled(person, "cart")

    shown = asked(person, draft).context["backtest"]

    assert shown.note == "Complete the campaign: then it can be tried."


def test_gift_cards_have_no_button_for_it(person):
    draft = filled(person, "gift", offer={"credits": "50.00"})
    step = reverse("campaign-builder-step", args=(quote(draft.pk), "review"))

    page = person.client.get(step)

    assert "Publish" in text_of(page)
    assert "Backtest" not in text_of(page)
    assert "Cards were bought" in asked(person, draft).context["backtest"].note


def test_who_may_not_see_orders_gets_no_panel(shop):
    role = create_role(
        project=shop,
        name="Builder",
        permissions=["campaigns.read", "campaigns.create"],
        now=NOW,
    )
    person = sign_in(shop, role.pk)
    draft = filled(person, "cart", offer=PERCENT)
    step = reverse("campaign-builder-step", args=(quote(draft.pk), "review"))

    page = person.client.get(step)

    assert page.status_code == 200
    assert "Backtest" not in text_of(page)
    assert asked(person, draft).status_code == 403
