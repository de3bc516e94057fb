"""A promotion stack at the checkout: its tiers, one after the other."""

import pytest

from redemptions.models import Order, Redemption
from tests.contract.resource import NOBODY
from tests.factories.campaigns import CategoryFactory, PromotionFactory, VoucherFactory
from tests.factories.promotions import StackFactory, TierFactory
from tests.fixtures.api import server_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(project):
    return PromotionFactory(project=project)


def tier(campaign, name, percent=10, **fields):
    discount = {
        "type": "PERCENT",
        "percent_off": percent,
        "effect": "APPLY_TO_ORDER",
    }
    return TierFactory(
        project=campaign.project,
        campaign=campaign,
        name=name,
        action={"discount": discount},
        **fields,
    )


def stack_of(*tiers, **fields):
    campaign = tiers[0].campaign
    return StackFactory(
        project=campaign.project, campaign=campaign, tiers=tiers, **fields
    )


def ask(stack, *others, **more):
    named = [{"object": "promotion_stack", "id": getattr(stack, "pk", stack)}, *others]
    return {"redeemables": named, "order": {"amount": 10_000}, **more}


@pytest.mark.spec("engine 5.1 promotion stack")
@pytest.mark.spec("engine 5.3 common")
def test_a_stack_becomes_its_tiers_in_their_stored_order(api, project, campaign):
    second = tier(campaign, "second", 20, hierarchy=1)
    first = tier(campaign, "first", 10, hierarchy=2)
    project.stacking_rules = {"redeemables_sorting_rule": "CATEGORY_HIERARCHY"}
    project.save()
    second.category = CategoryFactory(project=project, hierarchy=0)
    second.save()

    answer = api.post("/v1/validations", ask(stack_of(first, second))).json()

    assert answer["valid"] is True
    shown = [(each["object"], each["id"]) for each in answer["redeemables"]]
    assert shown == [("promotion_tier", first.pk), ("promotion_tier", second.pk)]
    parts = [each["order"]["applied_discount_amount"] for each in answer["redeemables"]]
    assert parts == [1_000, 1_800]
    assert answer["order"]["total_amount"] == 7_200


@pytest.mark.spec("engine 5.1 promotion stack")
def test_redeeming_a_stack_redeems_its_tiers_and_a_rollback_takes_all_back(
    api, campaign
):
    first, second = tier(campaign, "first"), tier(campaign, "second")
    stack = stack_of(first, second)

    done = api.post("/v1/redemptions", ask(stack)).json()

    for one in (first, second):
        one.refresh_from_db()
    kinds = {each["related_object_type"] for each in done["redemptions"]}
    assert kinds == {"promotion_tier"}
    assert [each["related_object_id"] for each in done["redemptions"]] == [
        first.pk,
        second.pk,
    ]
    assert done["order"]["total_amount"] == 8_100
    assert (first.redeemed_quantity, second.redeemed_quantity) == (1, 1)
    undone = api.post(f"/v1/redemptions/{done['parent_redemption']['id']}/rollbacks")
    assert undone.status_code == 200
    first.refresh_from_db()
    assert (first.redeemed_quantity, Order.objects.get().discount_amount) == (0, 0)


@pytest.mark.spec("engine 5.1 promotion stack")
@pytest.mark.parametrize("name", ["stack_" + NOBODY, "x", "promo_1"])
def test_an_unknown_stack_is_one_inapplicable_entry(api, name):
    answer = api.post("/v1/validations", ask(name)).json()

    [entry] = answer["redeemables"]
    assert answer["valid"] is False
    assert (entry["status"], entry["object"], entry["id"]) == (
        "INAPPLICABLE",
        "promotion_stack",
        name,
    )
    error = entry["result"]["error"]
    assert (error["code"], error["key"]) == (404, "not_found")
    assert error["details"] == f"Cannot find promotion_stack with id {name}"
    assert error["resource_type"] == "promotion_stack"


def test_redeeming_an_unknown_stack_is_not_found(api):
    response = api.post("/v1/redemptions", ask("stack_" + NOBODY))

    assert (response.status_code, response.json()["key"]) == (404, "not_found")
    assert Redemption.objects.filter(result="SUCCESS").count() == 0


def test_another_projects_stack_does_not_exist(api, other_project):
    theirs = StackFactory(project=other_project)

    answer = api.post("/v1/validations", ask(theirs)).json()

    assert answer["redeemables"][0]["result"]["error"]["key"] == "not_found"


@pytest.mark.spec("engine 12.1 invalid_redeemables")
@pytest.mark.parametrize("path", ["/v1/validations", "/v1/redemptions"])
def test_a_stack_is_named_alone(api, project, campaign, path):
    stack = stack_of(tier(campaign, "first"))
    voucher = VoucherFactory(project=project)

    response = api.post(path, ask(stack, {"object": "voucher", "id": voucher.code}))

    assert response.status_code == 400
    assert response.json()["key"] == "invalid_redeemables"
    assert response.json()["details"] == (
        "Promotion Stack cannot be use with other redeemables"
    )
    assert Redemption.objects.count() == 0


def test_a_tier_that_cannot_be_used_fails_the_stack_and_moves_nothing(api, campaign):
    good, off = tier(campaign, "good"), tier(campaign, "off", active=False)

    response = api.post("/v1/redemptions", ask(stack_of(good, off)))

    good.refresh_from_db()
    assert response.json()["key"] == "promotion_inactive"
    assert response.json()["redeemable_id"] == off.pk
    assert good.redeemed_quantity == 0


@pytest.mark.spec("engine 5.2 applicable_redeemables_limit")
def test_the_limits_count_the_tiers_of_a_stack(api, campaign):
    stack = stack_of(*(tier(campaign, f"t{number}", 1) for number in range(6)))

    answer = api.post("/v1/validations", ask(stack)).json()

    [skipped] = answer["skipped_redeemables"]
    assert answer["valid"] is True
    assert skipped["result"]["details"] == {
        "key": "applicable_redeemables_limit_exceeded",
        "message": "Applicable redeemables limit exceeded",
    }


def test_a_tier_without_a_category_takes_the_stacks_before_the_campaigns(
    api, project, campaign
):
    own, stacks, campaigns = CategoryFactory.create_batch(3, project=project)
    campaign.category = campaigns
    campaign.save()
    stack = stack_of(
        tier(campaign, "own", category=own), tier(campaign, "none"), category=stacks
    )
    bare = stack_of(tier(campaign, "bare"))
    expand = {"options": {"expand": ["category"]}}

    both = api.post("/v1/validations", ask(stack, **expand)).json()["redeemables"]
    [alone] = api.post("/v1/validations", ask(bare, **expand)).json()["redeemables"]

    shown = [each["categories"][0]["id"] for each in [*both, alone]]
    assert shown == [own.pk, stacks.pk, campaigns.pk]


def test_a_role_for_single_incentives_may_use_no_stack(project, campaign):
    merchant = server_client(project, role="MERCHANT")

    response = merchant.post("/v1/redemptions", ask(stack_of(tier(campaign, "first"))))

    assert response.status_code == 403
    assert response.json()["key"] == "missing_required_permission"
    assert Redemption.objects.count() == 0
