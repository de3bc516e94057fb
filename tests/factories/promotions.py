"""Promotion tiers for tests."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from campaigns.models import PromotionStack, PromotionStackTier, PromotionTier
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


class StackFactory(DjangoModelFactory[PromotionStack]):
    """A stack of two tiers of its campaign; ``tiers`` are others in their place."""

    class Meta:
        model = PromotionStack
        skip_postgeneration_save = True

    project = factory.SubFactory(ProjectFactory)
    campaign = factory.SubFactory(
        PromotionFactory, project=factory.SelfAttribute("..project")
    )
    name = factory.Sequence(lambda n: f"Stack {n}")
    created_at = NOW

    @factory.post_generation
    def tiers(self, create: Any, given: Any, **_: Any) -> None:
        stack: Any = self
        chosen = given or TierFactory.create_batch(
            2, project=stack.project, campaign=stack.campaign
        )
        PromotionStackTier.objects.bulk_create(
            PromotionStackTier(stack=stack, tier=tier, position=position)
            for position, tier in enumerate(chosen, start=1)
        )
