"""The builder of campaigns: from a kind to a live campaign, and nothing before."""

import pytest
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import CampaignDraft, CampaignType
from campaigns.services.campaign_draft import create_draft
from promo.approvals.models import ApprovalRequest, RequestStatus
from promo.tenancy.permissions import BY_PERSON_ROLE, LIMITABLE
from promo.tenancy.services.roles import create_role
from tests.admin_site import NOW, make_project, messages_of, sign_in, text_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory

pytestmark = pytest.mark.django_db

HOME = "/admin/campaign-builder/"


@pytest.fixture
def shop():
    return make_project(currency="EUR", timezone="Europe/Paris")


@pytest.fixture
def person(shop):
    return sign_in(shop, "USER")


def begun(person, **values):
    response = person.client.post(reverse("campaign-builder-begin"), values)
    assert response.status_code == 302
    return CampaignDraft.objects.drafts().get()


def step(draft, name):
    return reverse("campaign-builder-step", args=(quote(draft.pk), name))


def sent(person, draft, name, do="next", /, **values):
    return person.client.post(step(draft, name), {"do": do, **values})


def filled(person, what, **steps):
    """Return a draft of a kind with what each step says."""
    draft = begun(person, what=what)
    named = {"what": what, "name": f"My {what}"}
    for name, values in {"kind": named, **steps}.items():
        response = sent(person, draft, name, **values)
        assert response.status_code == 302, (name, text_of(response))
    return draft


PERCENT = {"kind": "PERCENT", "percent_off": "20", "effect": "APPLY_TO_ORDER"}
SCHEDULE = {
    "start_date_0": "2026-04-01",
    "start_date_1": "",
    "expiration_date_0": "2026-04-30",
    "expiration_date_1": "",
}
CONDITION = {
    "node": ["root", "n1"],
    "in.root": "",
    "join.root": "and",
    "in.n1": "root",
    "name.n1": "order.amount",
    "was_name.n1": "order.amount",
    "op.n1": "$more_than_or_equal",
    "value.n1-0": "60.00",
    "message": "Spend 60.00",
}


def test_bulk_codes_with_a_rule_and_a_budget_go_live_at_once(shop, person):
    draft = filled(
        person,
        "bulk",
        offer=PERCENT,
        who=CONDITION,
        limits={"quantity": "1", "per_customer": "2", "budget": "5000.00"},
        codes={"vouchers_count": "50", "pattern": "SPRING-######"},
        schedule=SCHEDULE,
    )
    assert shop.campaigns.count() == 0
    assert shop.validation_rules.count() == 0

    response = sent(person, draft, "review", "publish")

    campaign = shop.campaigns.get()
    assert response["Location"].endswith(f"/{quote(campaign.pk)}/change/")
    assert messages_of(response)[-1] == "My bulk is live within its dates."
    assert campaign.campaign_type == CampaignType.DISCOUNT_COUPONS
    assert (campaign.active, campaign.type) == (True, "STATIC")
    assert campaign.voucher["code_config"]["pattern"] == "SPRING-######"
    assert campaign.voucher["redemption"] == {"quantity": 1}
    assert campaign.start_date.isoformat() == "2026-03-31T22:00:00+00:00"
    assert campaign.expiration_date.isoformat() == "2026-04-30T21:59:59+00:00"
    rule = shop.validation_rules.get()
    assert rule.name == "My bulk: conditions"
    assert rule.error == {"message": "Spend 60.00"}
    said = [
        (each["name"], each["conditions"])
        for key, each in rule.rules.items()
        if key != "logic"
    ]
    most = "$less_than_or_equal"
    assert said == [
        ("order.amount", {"$more_than_or_equal": [6000]}),
        ("campaign.redemptions.customers_count", {most: [2]}),
        ("campaign.orders.amount_discounted", {most: [500_000]}),
    ]
    assert rule.rules["logic"] == "1 and 2 and 3"
    assert rule.assignments.get().related_object_id == campaign.pk
    assert CampaignDraft.objects.count() == 0


@pytest.mark.parametrize(
    ("what", "steps", "made"),
    [
        (
            "generic",
            {"offer": PERCENT, "codes": {"code": "HELLO"}},
            {"campaign_type": "DISCOUNT_COUPONS", "type": "STANDALONE"},
        ),
        (
            "cart",
            {
                "offer": {
                    "kind": "AMOUNT",
                    "amount_off": "5",
                    "effect": "APPLY_TO_ORDER",
                }
            },
            {"campaign_type": "PROMOTION", "type": "STATIC"},
        ),
        (
            "gift",
            {
                "offer": {"credits": "50", "pays": "APPLY_TO_ORDER"},
                "limits": {"budget": "100"},
                "codes": {"vouchers_count": "1"},
            },
            {"campaign_type": "GIFT_VOUCHERS", "type": "STATIC"},
        ),
        (
            "loyalty",
            {"offer": {"points": "100"}},
            {"campaign_type": "LOYALTY_PROGRAM", "type": "STATIC"},
        ),
        (
            "referral",
            {"offer": PERCENT, "codes": {"vouchers_count": "1"}},
            {"campaign_type": "REFERRAL_PROGRAM", "type": "STATIC"},
        ),
    ],
)
def test_every_kind_can_be_published_paused(shop, person, what, steps, made):
    draft = filled(person, what, **steps)

    response = sent(person, draft, "review", "pause")

    assert response.status_code == 302, text_of(response)
    campaign = shop.campaigns.get()
    assert {name: getattr(campaign, name) for name in made} == made
    assert campaign.active is False
    assert campaign.name == f"My {what}"
    budget = "redemption.gift.amount" if what == "gift" else None
    names = [rule.rules["1"]["name"] for rule in shop.validation_rules.all()]
    assert names == ([budget] if budget else [])


def test_hours_and_weekdays_become_happy_hours(shop, person):
    hours = {"hours_from": "17:30", "hours_until": "19:00", "weekdays": ["4", "5"]}
    draft = filled(person, "cart", offer=PERCENT, schedule=hours)

    sent(person, draft, "review", "publish")

    campaign = shop.campaigns.get()
    assert campaign.validity_day_of_week is None
    assert campaign.validity_hours == {
        "daily": [
            {
                "start_time": "17:30",
                "expiration_time": "19:00",
                "days_of_week": [4, 5],
            }
        ]
    }


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("kind", {"name": ""}, "This field is required."),
        ("offer", {"kind": "PERCENT", "percent_off": ""}, "Say how much."),
        (
            "offer",
            {"kind": "PERCENT", "percent_off": "101"},
            "less than or equal to 100",
        ),
        ("limits", {"quantity": "0"}, "greater than or equal to 1"),
        ("codes", {"vouchers_count": "5", "pattern": "SAME"}, "need a # to differ"),
        ("schedule", {"hours_until": "19:00"}, "Say from when."),
        ("schedule", {"hours_from": "19:00", "hours_until": "19:00"}, "when it begins"),
        (
            "schedule",
            {"start_date_0": "2026-04-02", "expiration_date_0": "2026-04-01"},
            "It ends before it starts.",
        ),
        ("who", {**CONDITION, "value.n1-0": "much"}, "Type an amount, such as 50.00."),
    ],
)
def test_a_step_says_what_is_wrong_and_keeps_what_was_typed(person, name, values, said):
    draft = begun(person, what="bulk")

    response = sent(person, draft, name, **{"what": "bulk", **values})

    assert response.status_code == 200
    assert said in text_of(response)
    again = text_of(person.client.get(step(draft, name)))
    for value in values.values():
        assert not isinstance(value, str) or not value or value in again


def test_what_is_missing_keeps_a_draft_from_being_published(shop, person):
    draft = begun(person, what="bulk")
    CampaignFactory(project=shop, name="Taken")
    sent(person, draft, "kind", what="bulk", name="Taken")

    shown = person.client.get(step(draft, "review"))
    response = sent(person, draft, "review", "publish")

    gaps = [(name, texts) for _, name, texts in shown.context["gaps"]]
    assert [name for name, _ in gaps] == ["kind", "offer"]
    assert "There is a campaign of this name" in gaps[0][1][0]
    assert response.status_code == 200
    assert shop.campaigns.count() == 1
    assert CampaignDraft.objects.count() == 1


def test_what_the_service_refuses_is_told_and_nothing_is_made(shop, person):
    draft = filled(
        person,
        "bulk",
        offer=PERCENT,
        who=CONDITION,
        codes={"vouchers_count": "500", "pattern": "A#"},
    )

    response = sent(person, draft, "review", "publish")

    assert "room for" in " ".join(messages_of(response))
    assert shop.campaigns.count() == 0
    assert shop.validation_rules.count() == 0
    assert CampaignDraft.objects.count() == 1


def test_the_review_tells_the_whole_campaign_and_its_risks(shop, person):
    CampaignFactory(project=shop, name="Running")
    draft = filled(person, "cart", offer={**PERCENT, "percent_off": "60"})

    shown = person.client.get(step(draft, "review"))

    said = {one["name"]: one["said"] for one in shown.context["steps"]}
    assert said == {
        "kind": "Cart promotion: My cart",
        "offer": "60 % off",
        "who": "Always holds: everybody, on every order.",
        "limits": "No limit",
        "schedule": "No end",
        "review": "",
    }
    assert shown.context["warnings"] == (
        "It takes off more than half, without a cap on the amount.",
        "It applies to every order of everybody: it has no condition and no code.",
        "There is no limit and no budget: it can be used any number of times.",
        "It has no end date: it runs until somebody disables it.",
        "It runs at the same time as “Running”.",
        "The project's stacking rules let one order use it together with these.",
    )


def test_the_example_shows_the_arithmetic_of_the_engine_and_leaves_nothing(
    shop, person
):
    draft = filled(person, "bulk", offer=PERCENT, who=CONDITION)
    cart = {"example_item_0": "Mug", "example_quantity_0": "2"}

    response = person.client.post(
        step(draft, "offer"),
        {"do": "example", **PERCENT, **cart, "example_price_0": "50.00"},
        headers={"HX-Request": "true"},
    )
    refused = person.client.post(
        step(draft, "offer"),
        {"do": "example", **PERCENT, **cart, "example_price_0": "10.00"},
        headers={"HX-Request": "true"},
    )

    example = response.context["example"]
    assert example.headline == "To pay: 80.00 EUR instead of 100.00 EUR"
    assert [row.left for row in example.arithmetic.rows][-1] == "80.00 EUR"
    assert refused.context["example"].headline == "It would not apply."
    assert refused.context["example"].reasons == (
        "Order amount was 20.00 EUR, needs at least 60.00 EUR.",
    )
    assert shop.campaigns.count() == 0
    assert shop.vouchers.count() == 0
    assert shop.validation_rules.count() == 0


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"percent_off": ""}, "Say what the offer gives"),
        ({"example_item_0": "Mug", "example_price_0": ""}, "Say what “Mug” costs."),
        ({"example_quantity_0": "x"}, "quantity and price are numbers"),
        ({"example_quantity_0": "0"}, "too large, or below 0"),
        ({"example_item_0": ""}, "Put something into the example cart."),
    ],
)
def test_the_example_says_what_it_lacks(person, values, note):
    draft = begun(person, what="cart")
    cart = {
        "example_item_0": "Mug",
        "example_quantity_0": "2",
        "example_price_0": "10",
    }

    response = person.client.post(
        step(draft, "offer"),
        {"do": "example", **PERCENT, **cart, **values},
        headers={"HX-Request": "true"},
    )

    assert note in response.context["example"].note


def test_codes_are_previewed_and_checked_for_collisions(shop, person):
    draft = filled(person, "bulk", offer=PERCENT)

    response = person.client.post(
        step(draft, "codes"),
        {"do": "check", "vouchers_count": "10", "pattern": "X-####"},
        headers={"HX-Request": "true"},
    )
    full = person.client.post(
        step(draft, "codes"),
        {"do": "check", "vouchers_count": "50", "pattern": "X-#"},
        headers={"HX-Request": "true"},
    )

    assert len(response.context["samples"]) == 3
    assert all(code.startswith("X-") for code in response.context["samples"])
    assert "room for" in full.context["code_problem"]


def test_a_taken_public_code_is_said_while_it_is_typed(shop, person):
    other = filled(person, "generic", offer=PERCENT, codes={"code": "HELLO"})
    sent(person, other, "review", "publish")
    draft = begun(person, what="generic")

    response = person.client.post(
        step(draft, "codes"),
        {"do": "check", "code": "HELLO"},
        headers={"HX-Request": "true"},
    )

    assert response.context["code_problem"] == "HELLO is taken by another voucher."


def test_conditions_are_built_inside_the_builder(person):
    draft = begun(person, what="bulk")

    response = person.client.post(
        step(draft, "who"), {"do": "rule:root"}, headers={"HX-Request": "true"}
    )

    assert 'name="value.n1-0"' in text_of(response)


def test_a_campaign_is_copied_into_a_draft_with_its_rule(shop, person):
    campaign = CampaignFactory(
        project=shop,
        name="Old",
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": {
                "type": "AMOUNT",
                "amount_off": 1000,
                "effect": "APPLY_TO_ORDER",
            },
            "redemption": {"quantity": 3},
        },
    )
    rule = ValidationRuleFactory(
        project=shop,
        rules={
            "1": {"name": "order.amount", "property": None, "conditions": {"$is": [1]}},
            "logic": "1",
        },
    )
    AssignmentFactory(project=shop, rule=rule, related_object_id=campaign.pk)
    home = person.client.get(HOME, {"copy": campaign.pk})
    assert "Start from “Old”" in text_of(home)
    assert CampaignDraft.objects.count() == 0

    draft = begun(person, copy=campaign.pk)
    sent(person, draft, "review", "publish")

    copy = shop.campaigns.get(name="Copy of Old")
    assert copy.voucher["discount"] == {
        "type": "AMOUNT",
        "amount_off": 1000,
        "effect": "APPLY_TO_ORDER",
    }
    assert copy.voucher["redemption"] == {"quantity": 3}
    own = shop.validation_rules.exclude(pk=rule.pk).get()
    assert own.rules == rule.rules
    assert person.run(campaign, "copy")["Location"] == f"{HOME}?copy={campaign.pk}"


def test_a_template_is_kept_and_started_from(shop, person):
    draft = filled(person, "bulk", offer=PERCENT, who=CONDITION)
    sent(person, draft, "review", "template")
    sent(person, draft, "review", "discard")
    template = CampaignDraft.objects.templates().get()
    assert template.name == "My bulk"
    assert "My bulk" in text_of(person.client.get(HOME))

    again = begun(person, template=template.pk)

    assert again.payload["rules"] == template.payload["rules"]
    assert again.payload["fields"]["percent_off"] == ["20"]
    assert "name" not in again.payload["fields"]
    assert person.client.get(step(template, "kind")).status_code == 404


def test_a_draft_is_kept_discarded_and_gone(person):
    draft = begun(person, what="bulk")

    kept = sent(person, draft, "offer", "later", **PERCENT)
    moved = sent(person, draft, "offer", "go:codes", **PERCENT)

    draft.refresh_from_db()
    assert (kept["Location"], draft.step) == (HOME, "offer")
    assert moved["Location"] == step(draft, "codes")
    assert sent(person, draft, "offer", "discard")["Location"] == HOME
    assert person.client.get(step(draft, "offer")).status_code == 404


def test_who_may_not_comes_no_further(shop):
    viewer = sign_in(shop, "VIEWER")
    values = {"name": "x", "step": "kind", "payload": {}, "now": NOW, "owner": None}
    own = create_draft(project=shop, **values)
    foreign = create_draft(project=make_project("Other"), **values)
    begin = reverse("campaign-builder-begin")
    person = sign_in(shop, "USER")

    for address in (HOME, step(own, "kind")):
        assert Client().get(address).status_code == 302
        assert viewer.client.get(address).status_code == 403
        assert person.client.get(address).status_code == 200
    assert viewer.client.post(begin, {"what": "bulk"}).status_code == 403
    assert person.client.get(begin).status_code == 405
    assert person.client.get(step(foreign, "kind")).status_code == 404
    assert person.client.post(begin, {"copy": "camp_1"}).status_code == 404
    assert person.client.get(step(own, "kind").replace("draft", "x")).status_code == 404
    assert person.client.post(begin, {"template": "x"}).status_code == 404
    nobody = "draft_0123456789abcdef0123456789abcdef"
    assert person.client.post(begin, {"template": nobody}).status_code == 404
    assert CampaignDraft.objects.count() == 2


@pytest.mark.parametrize(
    "name", ["kind", "offer", "who", "limits", "codes", "schedule", "review"]
)
def test_every_step_costs_few_statements(shop, person, name):
    draft = filled(person, "bulk", offer=PERCENT, who=CONDITION, schedule=SCHEDULE)
    person.client.get(step(draft, name))

    with CaptureQueriesContext(connection) as caught:
        assert person.client.get(step(draft, name)).status_code == 200

    assert len(caught) <= 20


def test_publishing_is_asked_for_by_who_may_only_ask(shop):
    role = create_role(
        project=shop,
        now=NOW,
        name="Junior",
        permissions=BY_PERSON_ROLE["USER"],
        limited=LIMITABLE,
    )
    junior = sign_in(shop, role.pk, "junior@example.com")
    boss = sign_in(shop, "ADMIN", "boss@example.com")
    codes = {"vouchers_count": "5", "pattern": "SPRING-######"}
    draft = filled(junior, "bulk", offer=PERCENT, who=CONDITION, limits={}, codes=codes)

    sent(junior, draft, "review", "publish")

    request = ApprovalRequest.objects.get()
    assert request.title == "Publish the campaign My bulk"
    assert ["Codes", "", "5"] in request.changes
    assert ["Validation rule", "", "My bulk: conditions"] in request.changes
    assert CampaignDraft.objects.filter(pk=draft.pk).exists()
    assert (shop.campaigns.count(), shop.validation_rules.count()) == (0, 0)

    boss.run(request, "request_changes", text="Fewer uses")
    sent(junior, draft, "limits", quantity="1")
    sent(junior, draft, "review", "publish")

    request.refresh_from_db()
    assert request.status == RequestStatus.PENDING
    assert ["Uses of each code", "", "1"] in request.changes
    boss.run(request, "approve")
    assert shop.campaigns.get().voucher["redemption"] == {"quantity": 1}
    assert shop.validation_rules.get().name == "My bulk: conditions"
    assert not CampaignDraft.objects.exists()
