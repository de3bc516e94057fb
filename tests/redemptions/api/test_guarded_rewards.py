"""Rules on the rewards that a programme offers."""

from typing import Any

import pytest

from campaigns.models import RewardAssignment, Voucher
from promo.tenancy.models import Project
from tests.factories.campaigns import LoyaltyCardFactory, LoyaltyProgramFactory
from tests.factories.customers import CustomerFactory
from tests.factories.rewards import CoinFactory, RewardAssignmentFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

ADA = {"source_id": "ada"}


@pytest.fixture
def card(project: Project) -> Voucher:
    made: Voucher = LoyaltyCardFactory(
        campaign=LoyaltyProgramFactory(project=project),
        code="CARD",
        holder=CustomerFactory(project=project, **ADA),
    )
    return made


def offer(card: Voucher, at_most: int | None = None) -> RewardAssignment:
    """Offer a coin; a rule may let it take so many points at most."""
    coin = CoinFactory(project=card.project)
    made: RewardAssignment = RewardAssignmentFactory(
        reward=coin, campaign=card.campaign
    )
    if at_most is not None:
        rule = {
            "name": "redemption.reward.pay_with_points.points_used",
            "conditions": {"$less_than_or_equal": [at_most]},
        }
        AssignmentFactory(
            project=card.project,
            rule=ValidationRuleFactory(project=card.project, rules={"1": rule}),
            related_object_id=made.pk,
            related_object_type="reward_assignment",
        )
    return made


def pay(api: ApiClient, offered: RewardAssignment, points: int) -> Any:
    reward = {"id": offered.reward_id, "points": points}
    return api.post(
        "/v1/redemptions",
        {
            "redeemables": [{"object": "voucher", "id": "CARD", "reward": reward}],
            "customer": ADA,
            "order": {"amount": 4380},
        },
    )


def test_a_rule_on_an_offered_reward_must_hold(api: ApiClient, card: Voucher) -> None:
    guarded = offer(card, at_most=100)

    refused, paid = pay(api, guarded, 150), pay(api, guarded, 100)

    assert (refused.status_code, refused.json()["key"]) == (
        400,
        "redemption_rules_violated",
    )
    assert paid.status_code == 200, paid.json()
    card.refresh_from_db()
    assert (card.balance, card.redeemed_quantity) == (900, 1)


def test_it_says_nothing_of_other_rewards(api: ApiClient, card: Voucher) -> None:
    offer(card, at_most=0)
    free = offer(card)

    assert pay(api, free, 150).status_code == 200
    card.refresh_from_db()
    assert card.balance == 850


@pytest.mark.parametrize(("at_most", "shown"), [(100, 0), (1000, 1)])
def test_a_wallet_shows_a_card_whose_coin_may_be_used(
    api: ApiClient, card: Voucher, at_most: int, shown: int
) -> None:
    offer(card, at_most=at_most)
    asked = {"customer": ADA, "order": {"amount": 4380}, "scenario": "CUSTOMER_WALLET"}

    found = api.post("/v1/qualifications", asked).json()["redeemables"]

    assert found["total"] == shown
