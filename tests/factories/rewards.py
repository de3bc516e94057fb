"""Rewards and their assignments for tests."""

import factory
from factory.django import DjangoModelFactory

from campaigns.models import Reward, RewardAssignment
from tests.factories.campaigns import LoyaltyProgramFactory
from tests.factories.catalogue import ProductFactory
from tests.factories.tenancy import NOW, ProjectFactory


class CoinFactory(DjangoModelFactory[Reward]):
    """A reward that pays 5.00 with 50 points."""

    class Meta:
        model = Reward

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Reward {n}")
    type = "COIN"
    exchange_ratio = 5
    points_ratio = 50
    created_at = NOW


class MaterialFactory(CoinFactory):
    """A product to be had for points."""

    type = "MATERIAL"
    exchange_ratio = None
    points_ratio = None
    product = factory.SubFactory(
        ProductFactory, project=factory.SelfAttribute("..project")
    )


class DigitalFactory(CoinFactory):
    """What a ``campaign`` gives for points: a code, or a ``balance`` on a card."""

    type = "CAMPAIGN"
    exchange_ratio = None
    points_ratio = None
    project = factory.SelfAttribute("campaign.project")


class RewardAssignmentFactory(DjangoModelFactory[RewardAssignment]):
    """A coin in a programme of its own, unless told otherwise."""

    class Meta:
        model = RewardAssignment

    project = factory.SelfAttribute("reward.project")
    reward = factory.SubFactory(CoinFactory)
    campaign = factory.SubFactory(
        LoyaltyProgramFactory, project=factory.SelfAttribute("..reward.project")
    )
    created_at = NOW
