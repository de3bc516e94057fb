"""Promotion tiers for tests."""

import factory
from factory.django import DjangoModelFactory

from campaigns.models import PromotionTier
from tests.factories.campaigns import TEN_PERCENT, PromotionFactory
from tests.factories.tenancy import NOW, ProjectFactory


class TierFactory(DjangoModelFactory[PromotionTier]):
    """A tier of ten per cent, in a promotion of its own unless told otherwise."""

    class Meta:
        model = PromotionTier

    project = factory.SubFactory(ProjectFactory)
    campaign = factory.SubFactory(
        PromotionFactory, project=factory.SelfAttribute("..project")
    )
    name = factory.Sequence(lambda n: f"Tier {n}")
    action = factory.LazyFunction(lambda: {"discount": dict(TEN_PERCENT)})
    hierarchy = factory.Sequence(lambda n: n + 1)
    created_at = NOW
