"""What a customer could use, listed and calculated one by one."""

import pytest

from promo.outbox.models import DomainEvent
from redemptions.models import Redemption
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCardFactory,
    VoucherFactory,
    template,
)
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import PromotionFactory, TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

TWENTY = {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ORDER"}
FIVE_OFF = {"type": "AMOUNT", "amount_off": 500, "effect": "APPLY_TO_ORDER"}


def qualify(api, path="/v1/qualifications", **body):
    response = api.post(path, {"order": {"amount": 10000}, **body})
    assert response.status_code == 200, response.json()
    return response.json()


def shown(answer):
    return [each["id"] for each in answer["redeemables"]["data"]]


def test_generic_codes_and_tiers_are_listed_and_calculated_alone(api, project):
    VoucherFactory(project=project, code="ALONE", discount=TWENTY)
    tier = TierFactory(project=project)

    answer = qualify(api)

    assert sorted(shown(answer)) == sorted(["ALONE", tier.pk])
    totals = {
        each["id"]: each["order"]["total_amount"]
        for each in answer["redeemables"]["data"]
    }
    assert totals == {"ALONE": 8000, tier.pk: 9000}
    assert answer["order"]["amount"] == 10000
    assert "total_amount" not in answer["order"]
    assert Redemption.objects.count() == DomainEvent.objects.count() == 0


def test_codes_nobody_could_use_are_left_out(api, project):
    VoucherFactory(project=project, code="OFF", active=False)
    VoucherFactory(
        project=project, code="USED", redemption_quantity=1, redeemed_quantity=1
    )
    VoucherFactory(project=project, code="GONE", expiration_date=NOW)
    VoucherFactory(
        project=project,
        code="SLEEP",
        campaign=CampaignFactory(project=project, active=False, type="STANDALONE"),
    )
    TierFactory(
        project=project, campaign=PromotionFactory(project=project, active=False)
    )
    VoucherFactory(code="FOREIGN")

    assert shown(qualify(api)) == []


def test_the_wallet_holds_what_the_customer_holds(api, project):
    ada, eve = CustomerFactory.create_batch(2, project=project)
    bulk = CampaignFactory(project=project, vouchers_count=2)
    VoucherFactory(project=project, campaign=bulk, code="HERS", holder=ada)
    VoucherFactory(project=project, campaign=bulk, code="OTHERS", holder=eve)
    VoucherFactory(project=project, code="GENERIC")
    body = {"customer": {"source_id": ada.source_id}}

    assert shown(qualify(api, scenario="CUSTOMER_WALLET", **body)) == ["HERS"]
    assert shown(qualify(api, scenario="CUSTOMER_WALLET")) == []
    assert sorted(shown(qualify(api, **body))) == ["GENERIC", "HERS"]


def test_an_audience_sees_campaigns_it_could_still_get_a_code_from(api, project):
    bulk = CampaignFactory(
        project=project, type="AUTO_UPDATE", voucher=template(discount=TWENTY)
    )

    answer = qualify(api, scenario="AUDIENCE_ONLY")

    [entry] = answer["redeemables"]["data"]
    assert (entry["id"], entry["object"]) == (bulk.pk, "campaign")
    assert entry["result"]["discount"]["percent_off"] == 20


def test_the_best_deal_goes_first_and_the_rest_follows_on_the_next_page(api, project):
    VoucherFactory(project=project, code="FIVE", discount=FIVE_OFF)
    VoucherFactory(project=project, code="TWENTY", discount=TWENTY)
    options = {"sorting_rule": "BEST_DEAL", "limit": 1}

    best = qualify(api, options=options)
    least = qualify(api, options={**options, "sorting_rule": "LEAST_DEAL"})

    assert (shown(best), shown(least)) == (["TWENTY"], ["FIVE"])
    assert best["redeemables"]["has_more"] is True
    assert best["redeemables"]["more_starting_after"]


def test_rules_that_can_still_change_are_left_out_and_named(api, project):
    voucher = VoucherFactory(project=project, code="BIG", discount=TWENTY)
    rule = ValidationRuleFactory(
        project=project,
        rules={
            "1": {"name": "order.amount", "conditions": {"$more_than": [99999]}},
            "logic": "1",
        },
    )
    AssignmentFactory(
        project=project,
        rule=rule,
        related_object_id=voucher.pk,
        related_object_type="voucher",
    )

    answer = qualify(api, options={"expand": ["validation_rules"]})

    [entry] = answer["redeemables"]["data"]
    [assignment] = entry["validation_rules_assignments"]["data"]
    assert assignment["validation_status"] == "PARTIALLY_VALID"
    assert assignment["validation_omitted_rules"] == ["1"]


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ({"code": {"conditions": {"$is": ["A"]}}}, ["A"]),
        ({"resource_type": {"conditions": {"$is": ["promotion_tier"]}}}, []),
        ({"resource_type": {"conditions": {"$in": ["voucher"]}}}, ["A", "B"]),
        ({"campaign_id": {"conditions": {"$is_unknown": [True]}}}, ["A", "B"]),
        ({"holder_role": {"conditions": {"$is": ["OWNER"]}}}, []),
        (
            {
                "junction": "or",
                "code": {"conditions": {"$is": ["A"]}},
                "voucher_type": {"conditions": {"$is": ["GIFT_VOUCHER"]}},
            },
            ["A"],
        ),
    ],
)
def test_filters_narrow_the_candidates(api, project, filters, codes):
    VoucherFactory(project=project, code="A")
    VoucherFactory(project=project, code="B")

    assert sorted(shown(qualify(api, options={"filters": filters}))) == codes


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"scenario": "SOME"}, ".scenario"),
        ({"options": {"limit": 0}}, ".options.limit"),
        ({"options": {"starting_after": "soon"}}, ".options.starting_after"),
        ({"options": {"filters": {"x": {}}}}, ".options.filters"),
        (
            {"options": {"filters": {"code": {"conditions": {"$after": ["A"]}}}}},
            ".options.filters.code",
        ),
    ],
)
def test_bad_input_is_refused_with_its_path(api, body, path):
    response = api.post("/v1/qualifications", body)

    assert (response.status_code, response.json()["key"]) == (400, "invalid_payload")
    assert path in response.json()["details"]


def test_browsers_may_ask_too(browser, project):
    VoucherFactory(project=project, code="ALONE", discount=TWENTY)

    assert shown(qualify(browser, "/client/v1/qualifications")) == ["ALONE"]


def test_qualifying_costs_the_same_for_one_as_for_ten(
    api, project, django_assert_num_queries, django_assert_max_num_queries
):
    VoucherFactory(project=project, code="FIRST")
    TierFactory(project=project)
    qualify(api)

    with django_assert_max_num_queries(10) as one:
        qualify(api, options={"limit": 50})
    VoucherFactory.create_batch(9, project=project)
    TierFactory.create_batch(9, project=project)
    with django_assert_num_queries(len(one)):
        assert len(shown(qualify(api, options={"limit": 50}))) == 20


@pytest.mark.spec("engine 11.2 filters")
@pytest.mark.parametrize(
    ("field", "condition", "expected"),
    [
        ("category_id", {"$is": ["{own}"]}, ["OWN"]),
        ("category_id", {"$is": ["{campaigns}"]}, ["HELD", "INHERITED", "TIER"]),
        ("category_id", {"$in": ["{own}", "cat_x"]}, ["OWN"]),
        ("category_id", {"$is_unknown": [True]}, ["BARE", "GIFT"]),
        ("category_id", {"$not_in": ["{campaigns}"]}, ["BARE", "GIFT", "OWN"]),
        ("campaign_type", {"$is": ["PROMOTION"]}, ["TIER"]),
        ("campaign_type", {"$is": ["PROMOTION", "DISCOUNT_COUPONS"]}, ["TIER"]),
        ("campaign_id", {"$is": ["{campaign}"]}, ["HELD", "INHERITED", "OWN"]),
        ("resource_id", {"$is": ["{tier}"]}, ["TIER"]),
        ("resource_type", {"$is_not": ["voucher"]}, ["TIER"]),
        ("voucher_type", {"$is": ["GIFT_VOUCHER"]}, ["GIFT"]),
        ("code", {"$in": ["BARE", "OWN"]}, ["BARE", "OWN"]),
        ("holder_role", {"$is": ["OWNER"]}, ["HELD"]),
        ("holder_role", {"$in": ["REFERRER", "REFEREE"]}, []),
        ("holder_role", {"$has_value": [True]}, ["HELD"]),
    ],
)
def test_each_filter_narrows_every_kind(api, project, field, condition, expected):
    ada = CustomerFactory(project=project)
    own, campaigns = CategoryFactory.create_batch(2, project=project)
    campaign = CampaignFactory(project=project, type="STANDALONE", category=campaigns)
    VoucherFactory(campaign=campaign, code="OWN", category=own)
    VoucherFactory(campaign=campaign, code="INHERITED")
    VoucherFactory(campaign=campaign, code="HELD", holder=ada)
    VoucherFactory(project=project, code="BARE")
    GiftCardFactory(project=project, code="GIFT")
    promotion = PromotionFactory(project=project, category=campaigns)
    tier = TierFactory(project=project, campaign=promotion)
    names = {"own": own, "campaigns": campaigns, "campaign": campaign, "tier": tier}
    ids = {name: thing.pk for name, thing in names.items()}
    [(operator, values)] = condition.items()
    sent = [one.format(**ids) if isinstance(one, str) else one for one in values]

    answer = qualify(
        api,
        customer={"source_id": ada.source_id},
        options={"limit": 50, "filters": {field: {"conditions": {operator: sent}}}},
    )

    found = ["TIER" if one == tier.pk else one for one in shown(answer)]
    assert sorted(found) == expected


@pytest.mark.spec("engine 11.2 filters")
def test_who_refers_holds_a_referral_code(api, project):
    ada = CustomerFactory(project=project)
    VoucherFactory(project=project, code="REFER", holder=ada, is_referral_code=True)
    referrer = {"holder_role": {"conditions": {"$is": ["REFERRER"]}}}

    answer = qualify(
        api, customer={"source_id": ada.source_id}, options={"filters": referrer}
    )

    assert shown(answer) == ["REFER"]


@pytest.mark.spec("engine 11.2 expand")
def test_what_is_expanded_is_shown(api, project):
    campaign = PromotionFactory(
        project=project, category=CategoryFactory(project=project)
    )
    tier = TierFactory(
        project=project, campaign=campaign, banner="Ten off", metadata={"a": 1}
    )

    [bare] = qualify(api)["redeemables"]["data"]
    options = {"expand": ["redeemable", "category", "validation_rules"]}
    [whole] = qualify(api, options=options)["redeemables"]["data"]

    assert {name: whole[name] for name in whole if name not in bare} == {
        "name": tier.name,
        "banner": "Ten off",
        "campaign_id": campaign.pk,
        "campaign_name": campaign.name,
        "validation_rules_assignments": {
            "object": "list",
            "data_ref": "data",
            "data": [],
            "total": 0,
        },
    }
    assert whole["metadata"] == {"a": 1}
    assert [each["name"] for each in whole["categories"]] == [campaign.category.name]


def test_without_an_order_an_entry_shows_a_bare_one(api, project):
    VoucherFactory(project=project, code="A", discount=TWENTY)

    response = api.post("/v1/qualifications", {"scenario": "AUDIENCE_ONLY"})

    [entry] = response.json()["redeemables"]["data"]
    assert set(entry["order"]) == {"metadata", "customer_id", "referrer_id", "object"}


def test_the_top_level_order_echoes_the_lines_uncalculated(api, project):
    VoucherFactory(project=project, code="A", discount=TWENTY)
    lines = {"items": [{"source_id": "x", "quantity": 2, "price": 500}]}

    answer = qualify(api, order=lines)

    assert "amount" not in answer["order"]
    [line] = answer["order"]["items"]
    assert (line["quantity"], line["price"]) == (2, 500)
    assert "subtotal_amount" not in line
    assert answer["stacking_rules"]["redeemables_limit"] == 30
