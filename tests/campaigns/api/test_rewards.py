"""``/v1/rewards`` and the programmes that offer each reward."""

from typing import Any

import pytest

from campaigns.models import (
    Campaign,
    Reward,
    RewardAssignment,
    ValidationRuleAssignment,
)
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.contract.resource import ResourceContract
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    LoyaltyProgramFactory,
    PromotionFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.rewards import (
    CoinFactory,
    MaterialFactory,
    RewardAssignmentFactory,
)
from tests.factories.rules import ValidationRuleFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

COIN = {
    "name": "Pay with points",
    "type": "COIN",
    "parameters": {"coin": {"exchange_ratio": 20, "points_ratio": 100}},
}


class TestRewards(ResourceContract):
    path, resource_type, object_name = "/v1/rewards", "reward", "reward"
    id_prefix = "rew_"
    valid_body = COIN
    update_body = {"name": "New name"}
    required = ("name",)
    wrong = (
        ({"name": 5}, "Property .name must be string"),
        ({"stock": -1}, "Property .stock must be >= 0"),
        ({"parameters": []}, "Property .parameters must be object"),
        (
            {"parameters": {}},
            "Property .parameters should have required property 'coin'",
        ),
        (
            {"parameters": {"product": {"id": "prod_1"}}},
            "Property .parameters should have required property 'coin'",
        ),
        ({"parameters": {"coin": 5}}, "Property .parameters.coin must be object"),
        (
            {"parameters": {"coin": {"points_ratio": 5}}},
            "Property .parameters.coin should have required property 'exchange_ratio'",
        ),
        (
            {"parameters": {"coin": {"exchange_ratio": 5}}},
            "Property .parameters.coin should have required property 'points_ratio'",
        ),
        (
            {"parameters": {"coin": {"exchange_ratio": "5", "points_ratio": 1}}},
            "Property .parameters.coin.exchange_ratio must be number",
        ),
        (
            {"parameters": {"coin": {"exchange_ratio": 0, "points_ratio": 1}}},
            "Property .parameters.coin.exchange_ratio must be >= 0.000001",
        ),
        (
            {"parameters": {"coin": {"exchange_ratio": 0.00000011, "points_ratio": 1}}},
            "Property .parameters.coin.exchange_ratio must be >= 0.000001",
        ),
        (
            {"parameters": {"coin": {"exchange_ratio": 1.0000001, "points_ratio": 1}}},
            "Property .parameters.coin.exchange_ratio must be a multiple of 0.000001",
        ),
        (
            {"parameters": {"coin": {"exchange_ratio": 1, "points_ratio": 0}}},
            "Property .parameters.coin.points_ratio must be >= 1",
        ),
        (
            {"type": "DIGITAL"},
            (
                "Property .type must be equal to one of the allowed values "
                "[ CAMPAIGN, COIN, MATERIAL ]"
            ),
        ),
    )

    def make(self, project: Project, count: int) -> list[Reward]:
        return CoinFactory.create_batch(count, project=project)


def test_a_reward_says_how_it_is_handed_out(api: ApiClient) -> None:
    answer = api.post("/v1/rewards", {"name": "Nothing", "type": "COIN"})

    details = "Payload must have required property 'parameters'"
    assert (answer.status_code, answer.json()["details"]) == (400, details)
    assert not Reward.objects.exists()


def digital(campaign: Campaign, balance: Any = None) -> dict[str, Any]:
    named = {"id": campaign.pk} | ({} if balance is None else {"balance": balance})
    return {"name": "Thanks", "type": "CAMPAIGN", "parameters": {"campaign": named}}


@pytest.mark.spec("campaigns 14 CAMPAIGN")
@pytest.mark.parametrize(
    ("factory", "sent", "kept"),
    [
        (CampaignFactory, None, {}),
        (CampaignFactory, 5, {}),
        (GiftCampaignFactory, 500, {"balance": 500}),
        (LoyaltyProgramFactory, 30.0, {"balance": 30}),
    ],
)
def test_a_reward_of_a_campaign_says_what_it_gives(
    api: ApiClient, factory: Any, sent: Any, kept: dict[str, int]
) -> None:
    campaign = factory(project=api.project)

    shown = api.post("/v1/rewards", digital(campaign, sent)).json()

    named = {"id": campaign.pk, **kept, "type": campaign.campaign_type}
    assert shown["parameters"] == {"campaign": named}
    assert api.get("/v1/rewards").json()["data"] == [shown]


@pytest.mark.spec("campaigns 14 CAMPAIGN")
@pytest.mark.parametrize("balance", [None, 0, -5, 1.5, "5", True, 2**60])
def test_a_card_gets_a_balance_above_zero(api: ApiClient, balance: Any) -> None:
    campaign = GiftCampaignFactory(project=api.project)

    answer = api.post("/v1/rewards", digital(campaign, balance))

    shown = answer.json()
    assert (answer.status_code, shown["key"]) == (400, "invalid_balance")
    assert shown["message"] == "Property 'parameters.campaign.balance' is invalid"
    assert shown["details"] == (
        "Property 'parameters.campaign.balance' must be greater than zero for "
        "campaign type: GIFT_VOUCHERS"
    )
    assert not Reward.objects.exists()


def test_a_reward_names_a_campaign_that_gives_codes(
    api: ApiClient, other_project: Project
) -> None:
    nameless = {**digital(CampaignFactory()), "parameters": {"campaign": {"id": 5}}}
    theirs = digital(CampaignFactory(project=other_project))
    promotion = digital(PromotionFactory(project=api.project))

    answers = [api.post("/v1/rewards", each) for each in (nameless, theirs, promotion)]

    assert [(each.status_code, each.json()["key"]) for each in answers] == [
        (400, "invalid_payload"),
        (404, "not_found"),
        (400, "invalid_campaign"),
    ]
    assert answers[1].json()["resource_type"] == "campaign"
    assert not Reward.objects.exists()


def test_a_programme_does_not_hand_out_its_own_points(api: ApiClient) -> None:
    mine, other = LoyaltyProgramFactory.create_batch(2, project=api.project)
    reward = api.post("/v1/rewards", digital(other, 30)).json()["id"]
    price = {"parameters": {"loyalty": {"points": 5}}}

    own = api.post(f"/v1/rewards/{reward}/assignments", {"campaign": other.pk, **price})
    api.post(f"/v1/rewards/{reward}/assignments", {"campaign": mine.pk, **price})
    turned = api.put(f"/v1/rewards/{reward}", digital(mine, 30))

    for answer in (own, turned):
        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_campaign")
    assert RewardAssignment.objects.get().campaign_id == mine.pk
    assert Reward.objects.get().campaign_id == other.pk


def material(project: Project, **values: Any) -> dict[str, Any]:
    product = ProductFactory(project=project)
    shared = {"name": "Book", "type": "MATERIAL"}
    return {**shared, "parameters": {"product": {"id": product.pk}}, **values}


@pytest.mark.spec("campaigns 14 COIN")
def test_a_coin_shows_the_documented_fields(api: ApiClient) -> None:
    shown = api.post("/v1/rewards", {**COIN, "metadata": {"a": 1}}).json()

    assert shown == {
        "id": shown["id"],
        "name": "Pay with points",
        "type": "COIN",
        "parameters": {"coin": {"exchange_ratio": 20, "points_ratio": 100}},
        "stock": None,
        "redeemed": None,
        "attributes": {},
        "metadata": {"a": 1},
        "created_at": shown["created_at"],
        "updated_at": None,
        "object": "reward",
    }


def test_the_rate_of_a_coin_may_be_a_fraction_and_change(api: ApiClient) -> None:
    made = api.post("/v1/rewards", COIN).json()
    rate = {"coin": {"exchange_ratio": 0.25, "points_ratio": 1}}

    shown = api.put(
        f"/v1/rewards/{made['id']}", {"parameters": rate, "type": "MATERIAL"}
    ).json()

    assert (shown["parameters"], shown["type"]) == (rate, "COIN")


@pytest.mark.spec("campaigns 14 MATERIAL")
def test_a_material_reward_names_a_product_and_its_stock(api: ApiClient) -> None:
    attributes = {"image_url": "https://example.com/a.png", "description": "A book"}
    body = material(api.project, stock=2, attributes=attributes)

    shown = api.post("/v1/rewards", body).json()

    product = {**body["parameters"]["product"], "sku_id": None}
    assert shown["parameters"] == {"product": product}
    assert (shown["stock"], shown["attributes"]) == (2, attributes)


def test_a_sku_brings_its_product(api: ApiClient) -> None:
    sku = SkuFactory(product=ProductFactory(project=api.project))
    body = material(api.project, parameters={"product": {"sku_id": sku.pk}})

    shown = api.post("/v1/rewards", body).json()

    assert shown["parameters"]["product"] == {"id": sku.product_id, "sku_id": sku.pk}


@pytest.mark.parametrize(
    ("product", "answer"),
    [
        ({"id": "prod_0"}, (404, "Cannot find product with id prod_0")),
        ({"sku_id": "sku_0"}, (404, "Cannot find sku with id sku_0")),
        (
            {},
            (400, "Property .parameters.product should have required property 'id'"),
        ),
        ({"id": 5}, (400, "Property .parameters.product.id must be string")),
    ],
)
def test_a_material_reward_of_nothing_is_refused(
    api: ApiClient, product: Any, answer: tuple[int, str]
) -> None:
    body = material(api.project, parameters={"product": product})

    response = api.post("/v1/rewards", body)

    assert (response.status_code, response.json()["details"]) == answer
    assert not Reward.objects.exists()


def test_another_projects_product_is_no_reward(
    api: ApiClient, other_project: Project
) -> None:
    answer = api.post("/v1/rewards", material(other_project))

    assert answer.status_code == 404
    assert not Reward.objects.exists()


def test_the_stock_may_become_endless(api: ApiClient) -> None:
    reward = MaterialFactory(project=api.project, stock=3)

    assert api.put(f"/v1/rewards/{reward.pk}", {"stock": None}).json()["stock"] is None


def test_an_assigned_reward_cannot_be_deleted(api: ApiClient) -> None:
    reward = CoinFactory(project=api.project)
    assignment = RewardAssignmentFactory(reward=reward)

    answer = api.delete(f"/v1/rewards/{reward.pk}")

    shown = answer.json()
    assert (answer.status_code, shown["key"]) == (400, "resource_in_use")
    assert shown["details"] == (
        f"Resource reward with id {reward.pk} is in use by reward_assignments with ids "
        f"[{assignment.pk}]"
    )
    assert shown["related_object_ids"] == [assignment.pk]
    assert shown["related_object_type"] == "reward_assignment"
    assert shown["related_object_total"] == 1
    assert Reward.objects.filter(pk=reward.pk).exists()


def test_rewards_are_found_by_their_assignment(api: ApiClient) -> None:
    reward = CoinFactory(project=api.project)
    CoinFactory(project=api.project)
    assignment = RewardAssignmentFactory(reward=reward)

    shown = api.get("/v1/rewards", {"assignment_id": assignment.pk}).json()

    assert [one["id"] for one in shown["data"]] == [reward.pk]


def test_a_material_reward_is_assigned_for_a_price(api: ApiClient) -> None:
    reward = MaterialFactory(project=api.project)
    program = LoyaltyProgramFactory(project=api.project)
    body = {"campaign": program.name, "parameters": {"loyalty": {"points": 39}}}

    answer = api.post(f"/v1/rewards/{reward.pk}/assignments", body)

    shown = answer.json()
    assert (answer.status_code, shown) == (
        200,
        {
            "id": shown["id"],
            "reward_id": reward.pk,
            "related_object_id": program.pk,
            "related_object_type": "campaign",
            "parameters": {"loyalty": {"points": 39}},
            "created_at": shown["created_at"],
            "updated_at": None,
            "object": "reward_assignment",
        },
    )
    assert api.get(f"/v1/rewards/{reward.pk}/assignments").json()["data"] == [shown]
    event = DomainEvent.objects.get(type="campaign.reward.assignment.created")
    assert event.data["reward_assignment"] == shown
    assert event.data["campaign"]["id"] == program.pk


def test_a_coin_is_assigned_without_a_price(api: ApiClient) -> None:
    reward = CoinFactory(project=api.project)
    program = LoyaltyProgramFactory(project=api.project)

    shown = api.post(
        f"/v1/rewards/{reward.pk}/assignments", {"campaign": program.pk}
    ).json()

    assert shown["parameters"] == {}


def coin_offer(api: ApiClient, *rules: str) -> tuple[Any, Campaign]:
    """Ask to offer a coin in a programme under some rules."""
    reward = CoinFactory(project=api.project)
    program = LoyaltyProgramFactory(project=api.project)
    body = {"campaign": program.pk, "validation_rules": list(rules)}
    return api.post(f"/v1/rewards/{reward.pk}/assignments", body), program


def test_a_coin_is_assigned_under_a_rule(api: ApiClient) -> None:
    rule = ValidationRuleFactory(project=api.project)

    answer, _ = coin_offer(api, rule.pk)

    (guarded,) = ValidationRuleAssignment.objects.all()
    assert (
        guarded.rule_id,
        guarded.related_object_id,
        guarded.related_object_type,
    ) == (
        rule.pk,
        answer.json()["id"],
        "reward_assignment",
    )


@pytest.mark.parametrize(
    ("rules", "status", "details"),
    [
        (["val_1", "val_2"], 400, "Property .validation_rules must NOT have more than"),
        (["val_1"], 404, "Cannot find validation_rules with id val_1"),
    ],
)
def test_rules_that_cannot_guard_an_offer_are_refused(
    api: ApiClient, rules: list[str], status: int, details: str
) -> None:
    answer, _ = coin_offer(api, *rules)

    assert (answer.status_code, answer.json()["details"][: len(details)]) == (
        status,
        details,
    )
    assert not RewardAssignment.objects.exists()
    assert not DomainEvent.objects.exists()


def test_an_assigned_reward_gets_a_rule_later(api: ApiClient) -> None:
    rule = ValidationRuleFactory(project=api.project)
    assignment = RewardAssignmentFactory(reward__project=api.project)
    body = {
        "related_object_type": "reward_assignment",
        "related_object_id": assignment.pk,
    }

    answer = api.post(f"/v1/validation-rules/{rule.pk}/assignments", body)

    assert answer.json()["related_object_id"] == assignment.pk
    event = DomainEvent.objects.get(type="business_validation_rule.assignment.created")
    assert event.entity_id == answer.json()["id"]


@pytest.mark.parametrize("ends", ["assignment", "programme"])
def test_a_rule_goes_with_the_offer_it_guards(api: ApiClient, ends: str) -> None:
    rule = ValidationRuleFactory(project=api.project)
    made, program = coin_offer(api, rule.pk)
    shown = made.json()
    paths = {
        "assignment": f"/v1/rewards/{shown['reward_id']}/assignments/{shown['id']}",
        "programme": f"/v1/campaigns/{program.pk}?force=true",
    }

    api.delete(paths[ends])

    assert not RewardAssignment.objects.exists()
    assert not ValidationRuleAssignment.objects.exists()


@pytest.mark.parametrize(
    ("parameters", "key", "details"),
    [
        (None, "missing_param", "Parameter 'parameters.loyalty' is required"),
        ({}, "missing_param", "Parameter 'parameters.loyalty' is required"),
        (
            {"loyalty": 5},
            "invalid_payload",
            "Property .parameters.loyalty must be object",
        ),
        (
            {"loyalty": {}},
            "invalid_payload",
            "Property .parameters.loyalty should have required property 'points'",
        ),
        (
            {"loyalty": {"points": 0}},
            "invalid_payload",
            "Property .parameters.loyalty.points must be >= 1",
        ),
        (
            {"loyalty": {"points": 5, "auto_redeem": True}},
            "invalid_payload",
            "Property .parameters.loyalty.auto_redeem is not supported yet",
        ),
    ],
)
def test_a_material_reward_without_a_price_is_refused(
    api: ApiClient, parameters: Any, key: str, details: str
) -> None:
    reward = MaterialFactory(project=api.project)
    program = LoyaltyProgramFactory(project=api.project)
    body = {"campaign": program.pk, "parameters": parameters}

    answer = api.post(f"/v1/rewards/{reward.pk}/assignments", body)

    shown = answer.json()
    assert (answer.status_code, shown["key"], shown["details"]) == (400, key, details)
    assert not RewardAssignment.objects.exists()


def test_a_reward_is_assigned_to_a_programme_once(api: ApiClient) -> None:
    assignment = RewardAssignmentFactory(reward__project=api.project)

    answer = api.post(
        f"/v1/rewards/{assignment.reward_id}/assignments",
        {"campaign": assignment.campaign_id},
    )

    shown = answer.json()
    assert (answer.status_code, shown["key"]) == (409, "duplicate_found")
    assert shown["resource_id"] == assignment.pk
    assert shown["resource_type"] == "reward_assignment"
    assert RewardAssignment.objects.count() == 1


def test_only_programmes_offer_rewards(api: ApiClient) -> None:
    reward = CoinFactory(project=api.project)
    coupons = CampaignFactory(project=api.project)

    refused = api.post(
        f"/v1/rewards/{reward.pk}/assignments", {"campaign": coupons.pk}
    ).json()
    unknown = api.post(
        f"/v1/rewards/{reward.pk}/assignments", {"campaign": "camp_0"}
    ).json()

    assert (refused["key"], unknown["key"]) == ("invalid_campaign", "not_found")
    assert not RewardAssignment.objects.exists()


def test_the_price_changes_and_the_assignment_goes(api: ApiClient) -> None:
    reward = MaterialFactory(project=api.project)
    assignment = RewardAssignmentFactory(reward=reward, points=5)
    path = f"/v1/rewards/{reward.pk}/assignments/{assignment.pk}"

    changed = api.put(path, {"parameters": {"loyalty": {"points": 7}}}).json()
    same = api.put(path, {}).json()
    gone = api.delete(path)

    assert changed["parameters"] == same["parameters"] == {"loyalty": {"points": 7}}
    assert gone.status_code == 204
    assert api.get(path).json()["resource_type"] == "reward_assignment"
    kinds = DomainEvent.objects.order_by("id").values_list("type", flat=True)
    assert list(kinds) == [
        "campaign.reward.assignment.updated",
        "campaign.reward.assignment.updated",
        "campaign.reward.assignment.deleted",
    ]


def test_an_assignment_is_found_below_its_reward_alone(api: ApiClient) -> None:
    assignment = RewardAssignmentFactory(reward__project=api.project)
    other = CoinFactory(project=api.project)

    found = api.get(f"/v1/rewards/{assignment.reward_id}/assignments/{assignment.pk}")
    lost = api.get(f"/v1/rewards/{other.pk}/assignments/{assignment.pk}")

    assert (found.status_code, lost.status_code) == (200, 404)


def test_a_ratio_of_points_may_be_a_text(api: ApiClient) -> None:
    coin = {"exchange_ratio": 1, "points_ratio": "100"}
    body = {"name": "Pay", "type": "COIN", "parameters": {"coin": coin}}

    made = api.post("/v1/rewards", body)
    coin["points_ratio"] = "many"
    refused = api.post("/v1/rewards", body)

    assert made.json()["parameters"]["coin"] == {
        "exchange_ratio": 1,
        "points_ratio": 100,
    }
    assert refused.json()["details"] == (
        "Property .parameters.coin.points_ratio must be integer"
    )
    assert Reward.objects.count() == 1


def test_a_type_that_is_not_sent_is_that_of_the_parameters(api: ApiClient) -> None:
    without = {"name": "Pay", "parameters": COIN["parameters"]}
    both = {"coin": {}, "product": {}}

    made = api.post("/v1/rewards", without)
    refused = [
        api.post("/v1/rewards", {"name": "Pay", "parameters": sent}).json()["details"]
        for sent in (None, {}, both)
    ]

    assert made.json()["type"] == "COIN"
    assert refused == ["Payload must have required property 'type'"] * 3
    assert Reward.objects.count() == 1
