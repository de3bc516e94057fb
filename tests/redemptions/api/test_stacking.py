"""Several redeemables over HTTP: what may be named together, and what is answered."""

import pytest

from redemptions.models import Redemption
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCardFactory,
    VoucherFactory,
)
from tests.factories.promotions import TierFactory

pytestmark = pytest.mark.django_db

ORDER = {"amount": 10_000}


def voucher(project, code, **fields):
    campaign = fields.pop("campaign", None) or CampaignFactory(project=project)
    discount = {"type": "AMOUNT", "amount_off": 1_000}
    fields = {"discount": discount, **fields}
    return VoucherFactory(project=project, campaign=campaign, code=code, **fields)


def ask(*ids, kind="voucher"):
    return {
        "redeemables": [{"object": kind, "id": each} for each in ids],
        "order": ORDER,
    }


def stack(project, **rules):
    project.stacking_rules = rules
    project.save()


@pytest.mark.spec("engine 5.1 discount code")
@pytest.mark.spec("engine 5.1 promotion tier")
def test_a_code_an_id_and_a_tier_are_named_in_one_request(api, project):
    first, second = voucher(project, "A"), voucher(project, "B")
    tier = TierFactory(project=project)
    body = ask("A", second.pk)
    body["redeemables"].append({"object": "promotion_tier", "id": tier.pk})

    answer = api.post("/v1/validations", body).json()

    assert answer["valid"] is True
    assert [(each["object"], each["id"]) for each in answer["redeemables"]] == [
        ("voucher", first.code),
        ("voucher", second.pk),
        ("promotion_tier", tier.pk),
    ]


@pytest.mark.spec("engine 12.1 duplicated_redeemables")
@pytest.mark.parametrize("path", ["/v1/validations", "/v1/redemptions"])
def test_a_code_and_the_id_of_the_same_voucher_are_duplicates(api, project, path):
    same = voucher(project, "A")

    response = api.post(path, ask("A", same.pk) | {"customer": {"source_id": "ada"}})

    same.refresh_from_db()
    assert response.status_code == 400
    assert response.json()["key"] == "duplicated_redeemables"
    assert response.json()["details"] == (
        "Duplicated redeemables detected in one redemption"
    )
    assert same.redeemed_quantity == 0
    assert Redemption.objects.count() == 0
    assert not project.customers.exists()


@pytest.mark.spec("engine 12.1 duplicated_redeemables")
def test_two_spellings_of_a_code_are_duplicates_where_case_does_not_count(api, project):
    project.case_sensitive_codes = False
    project.save()
    same = voucher(project, "abc")

    response = api.post("/v1/redemptions", ask("abc", "ABC"))

    same.refresh_from_db()
    assert response.json()["key"] == "duplicated_redeemables"
    assert same.redeemed_quantity == 0


@pytest.mark.spec("engine 5.2 redeemables_limit")
@pytest.mark.spec("rules 5.3 stacking")
@pytest.mark.spec("engine 12.1 invalid_redeemables")
def test_more_than_the_project_lets_be_named_are_refused(api, project):
    stack(project, redeemables_limit=2, applicable_redeemables_limit=2)
    for code in "ABC":
        voucher(project, code)

    two = api.post("/v1/validations", ask("A", "B"))
    three = api.post("/v1/redemptions", ask("A", "B", "C"))

    assert two.json()["valid"] is True
    assert (three.status_code, three.json()["key"]) == (400, "invalid_redeemables")
    assert Redemption.objects.count() == 0


@pytest.mark.spec("engine 12.1 invalid_payload")
def test_more_than_thirty_are_no_valid_payload(api):
    response = api.post("/v1/validations", ask(*(f"C{number}" for number in range(31))))

    assert response.json()["key"] == "invalid_payload"
    assert response.json()["details"] == (
        "Property .redeemables must NOT have more than 30 items"
    )


@pytest.mark.spec("engine 5.4 valid")
@pytest.mark.spec("engine 5.4 redeemables")
@pytest.mark.spec("engine 5.4 inapplicable_redeemables")
@pytest.mark.parametrize(
    ("mode", "valid", "shown"),
    [
        ("ALL", False, ["APPLICABLE", "INAPPLICABLE", "SKIPPED", "SKIPPED"]),
        ("PARTIAL", True, ["APPLICABLE", "APPLICABLE"]),
    ],
)
def test_all_shows_every_entry_and_partial_those_that_apply(
    api, project, mode, valid, shown
):
    stack(project, redeemables_application_mode=mode, applicable_redeemables_limit=2)
    for code in "ABC":
        voucher(project, code)

    answer = api.post("/v1/validations", ask("A", "NONE", "B", "C")).json()

    assert answer["valid"] is valid
    assert [each["status"] for each in answer["redeemables"]] == shown
    assert ("order" in answer) is valid
    assert [each["id"] for each in answer["inapplicable_redeemables"]] == ["NONE"]
    skipped = [each["id"] for each in answer["skipped_redeemables"]]
    assert skipped == (["C"] if valid else ["B", "C"])


@pytest.mark.spec("engine 9.1 inapplicable_redeemables, skipped_redeemables")
@pytest.mark.parametrize(
    ("mode", "names", "left_out"),
    [
        ("ALL", "A", ([], [])),
        ("PARTIAL", "A", ([], [])),
        ("PARTIAL", "NONE A", (["NONE"], [])),
        ("PARTIAL", "NONE A B", (["NONE"], ["B"])),
    ],
)
def test_a_redemption_always_says_what_it_left_out(api, project, mode, names, left_out):
    stack(project, redeemables_application_mode=mode, applicable_redeemables_limit=1)
    for code in "AB":
        voucher(project, code)

    answer = api.post("/v1/redemptions", ask(*names.split())).json()

    assert [each["voucher"]["code"] for each in answer["redemptions"]] == ["A"]
    shown = answer["inapplicable_redeemables"], answer["skipped_redeemables"]
    assert tuple([each["id"] for each in part] for part in shown) == left_out


@pytest.mark.spec("engine 5.4 redemption when not valid")
@pytest.mark.spec("engine 12.2 no_applicable_redeemables")
def test_a_partial_redemption_of_nothing_that_applies_is_refused(api, project):
    stack(project, redeemables_application_mode="PARTIAL")
    off = voucher(project, "A", active=False)

    response = api.post("/v1/redemptions", ask("A"))

    off.refresh_from_db()
    assert response.status_code == 400
    assert response.json()["key"] == "no_applicable_redeemables"
    assert off.redeemed_quantity == 0


@pytest.mark.spec("engine 5.4 redemption when not valid")
def test_in_all_mode_the_first_refusal_is_the_answer(api, project):
    good, off = voucher(project, "A"), voucher(project, "B", active=False)

    response = api.post("/v1/redemptions", ask("A", "B"))

    good.refresh_from_db()
    assert response.json()["key"] == "voucher_disabled"
    assert response.json()["details"] == off.code
    assert good.redeemed_quantity == 0


@pytest.mark.spec("engine 5.2 exclusive_categories")
@pytest.mark.spec("engine 5.4 inapplicable_redeemables")
def test_an_exclusive_code_bars_a_common_one_and_says_so(api, project):
    category = CategoryFactory(project=project)
    stack(project, exclusive_categories=[category.pk])
    voucher(project, "COMMON")
    voucher(project, "ALONE", category=category)
    body = ask("COMMON", "ALONE") | {"options": {"expand": ["order", "category"]}}

    answer = api.post("/v1/validations", body).json()

    alone, common = answer["redeemables"]
    assert (alone["id"], alone["status"]) == ("ALONE", "APPLICABLE")
    assert alone["categories"][0]["stacking_rules_type"] == "EXCLUSIVE"
    assert common["status"] == "SKIPPED"
    assert common["result"] == {
        "details": {
            "key": "exclusion_rules_not_met",
            "message": "Redeemable cannot be applied due to exclusion rules",
        }
    }
    assert answer["skipped_redeemables"] == [common]
    assert answer["order"]["total_amount"] == 9_000


def test_a_validation_echoes_the_rules_without_those_of_the_management_api(
    api, project
):
    stack(project, applicable_redeemables_limit=3)

    shown = api.post("/v1/validations", ask("NONE")).json()["stacking_rules"]

    assert shown == {
        "redeemables_limit": 30,
        "applicable_redeemables_limit": 3,
        "applicable_redeemables_category_limits": {},
        "applicable_exclusive_redeemables_limit": 1,
        "exclusive_categories": [],
        "joint_categories": [],
        "redeemables_application_mode": "ALL",
        "redeemables_sorting_rule": "REQUESTED_ORDER",
        "grouped_redeemables_sorting_rule": "JOINT_ALWAYS_LAST",
        "redeemables_products_application_mode": "STACK",
        "redeemables_no_effect_rule": "REDEEM_ANYWAY",
        "no_effect_skip_categories": [],
        "no_effect_redeem_anyway_categories": [],
        "redeemables_rollback_order_mode": "WITH_ORDER",
    }


def test_a_redemption_says_how_the_category_of_what_it_used_stacks(api, project):
    alone, joint, other = CategoryFactory.create_batch(3, project=project)
    stack(project, exclusive_categories=[alone.pk], joint_categories=[joint.pk])
    voucher(project, "ALONE", category=alone)
    voucher(project, "OTHER", category=other)
    tier = TierFactory(project=project, category=joint)
    body = ask("ALONE")
    body["redeemables"].append({"object": "promotion_tier", "id": tier.pk})

    first, second = api.post("/v1/redemptions", body).json()["redemptions"]
    [third] = api.post("/v1/redemptions", ask("OTHER")).json()["redemptions"]

    assert first["voucher"]["categories"][0]["stacking_rules_type"] == "EXCLUSIVE"
    assert second["promotion_tier"]["categories"][0]["stacking_rules_type"] == "JOINT"
    assert "stacking_rules_type" not in third["voucher"]["categories"][0]


@pytest.mark.spec("engine 5.1 gift card")
@pytest.mark.spec("engine 5.4 gift")
@pytest.mark.spec("engine 5.4 percent (discounted mode)")
@pytest.mark.spec("engine 5.4 amount")
@pytest.mark.spec("engine 5.4 top level")
@pytest.mark.parametrize(
    ("mode", "discounts", "totals"),
    [
        ("DISCOUNTED_AMOUNT", [3_000, 7_700, 10_200], [47_000, 42_300, 39_800]),
        ("INITIAL_AMOUNT", [3_000, 8_000, 10_500], [47_000, 42_000, 39_500]),
    ],
)
def test_a_gift_card_then_ten_percent_then_an_amount_off_50000(
    api, project, mode, discounts, totals
):
    stack(project, discount_calculation_mode=mode)
    GiftCardFactory(project=project, code="GIFT", credited_amount=3_000)
    ten = {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ORDER"}
    off = {"type": "AMOUNT", "amount_off": 2_500, "effect": "APPLY_TO_ORDER"}
    voucher(project, "TEN", discount=ten)
    voucher(project, "AMOUNT", discount=off)
    body = ask("GIFT", "TEN", "AMOUNT") | {"order": {"amount": 50_000}}
    body["redeemables"][0] = {
        "object": "gift_card",
        "id": "GIFT",
        "gift": {"credits": 3_000},
    }

    answer = api.post("/v1/validations", body).json()

    states = [each["order"] for each in answer["redeemables"]]
    assert [each["total_discount_amount"] for each in states] == discounts
    assert [each["total_amount"] for each in states] == totals
    assert answer["order"]["total_applied_discount_amount"] == discounts[-1]
