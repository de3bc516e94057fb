"""What a customer could use, listed and calculated one by one."""

import pytest

from promo.outbox.models import DomainEvent
from redemptions.models import Redemption
from tests.factories.campaigns import CampaignFactory, VoucherFactory, template
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
