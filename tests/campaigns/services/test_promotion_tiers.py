"""The tiers that a promotion is created with, and deleted with."""

import pytest

from campaigns.models import Campaign, PromotionTier
from campaigns.services.campaign import create_campaign, delete_campaign
from promo.errors import InvalidPayload, PromoError, ResourceNotFound
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import TEN_PERCENT, PromotionFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW

ACTION = {"discount": TEN_PERCENT}


def test_a_promotion_is_created_with_its_tiers_in_their_order(project: Project) -> None:
    rule = ValidationRuleFactory.create(project=project)
    tiers = [
        {"name": "First", "action": ACTION, "validation_rules": [rule.pk]},
        {"name": "Second", "action": ACTION},
    ]

    campaign = create_campaign(
        project=project, now=NOW, name="Sale", promotion={"tiers": tiers}
    )

    places = campaign.tiers.order_by("hierarchy").values_list("name", "hierarchy")
    assert list(places) == [("First", 1), ("Second", 2)]
    assert rule.assignments.get().related_object_type == "promotion_tier"
    told = DomainEvent.objects.get(type="campaign.created")
    shown = told.payload["campaign"]["promotion"]
    assert [tier["name"] for tier in shown["tiers"]] == ["First", "Second"]


@pytest.mark.parametrize(
    ("second", "refusal", "details"),
    [
        (
            {"name": "Second", "action": {}},
            InvalidPayload,
            (
                "Property .promotion.tiers[1].action should have required property "
                "'discount'"
            ),
        ),
        (
            {"name": "Second", "action": ACTION, "category_id": "cat_none"},
            ResourceNotFound,
            "Cannot find category with id cat_none",
        ),
    ],
)
def test_a_wrong_tier_leaves_no_promotion(
    project: Project,
    second: dict[str, object],
    refusal: type[PromoError],
    details: str,
) -> None:
    tiers = [{"name": "First", "action": ACTION}, second]

    with pytest.raises(refusal) as refused:
        create_campaign(
            project=project, now=NOW, name="Sale", promotion={"tiers": tiers}
        )

    assert refused.value.details == details
    assert not Campaign.objects.exists()
    assert not PromotionTier.objects.exists()
    assert not DomainEvent.objects.exists()


def test_a_deleted_promotion_takes_its_tiers_along(project: Project) -> None:
    campaign = PromotionFactory.create(project=project)
    tier = TierFactory.create(project=project, campaign=campaign)
    AssignmentFactory.create(project=project, related_object_id=tier.pk)

    delete_campaign(campaign, now=NOW)

    assert not project.promotion_tiers.alive().exists()
    assert not project.validation_rule_assignments.alive().exists()
