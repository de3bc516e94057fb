"""Two people at once: one set of rules, no category that is gone, no empty stack."""

import pytest

from campaigns.models import Category, PromotionStack, PromotionStackTier
from campaigns.services.category import delete_category
from campaigns.services.promotion_stack import update_stack
from campaigns.services.promotion_tier import delete_tier
from campaigns.services.stacking_rules import create_stacking_rules
from promo.errors import Conflict, ResourceInUse, ResourceNotFound
from promo.tenancy.models import Project
from tests.campaigns.services.test_rule_and_tier_races import at_once
from tests.factories.campaigns import CategoryFactory
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.tenancy import NOW, ProjectFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_sets_of_rules_made_at_once_one_is_refused():
    project = ProjectFactory()

    refused = at_once(
        *(
            lambda limit=limit: create_stacking_rules(
                project=project, now=NOW, redeemables_limit=limit
            )
            for limit in (10, 20)
        )
    )

    project.refresh_from_db()
    assert [type(refusal) for refusal in refused] == [Conflict]
    assert project.stacking_rules in (
        {"redeemables_limit": 10},
        {"redeemables_limit": 20},
    )


def test_a_category_deleted_while_rules_name_it_is_kept_or_not_named():
    category = CategoryFactory()
    project = category.project

    (refused,) = at_once(
        lambda: delete_category(category, now=NOW),
        lambda: create_stacking_rules(
            project=project, now=NOW, joint_categories=[category.pk]
        ),
    )

    named = Project.objects.get(pk=project.pk).stacking_rules
    if isinstance(refused, ResourceInUse):
        assert named == {"joint_categories": [category.pk]}
        assert Category.objects.exists()
    else:
        assert isinstance(refused, ResourceNotFound)
        assert named == {}
        assert not Category.objects.exists()


def test_a_tier_deleted_while_a_stack_takes_it_in_is_in_no_stack():
    kept = TierFactory()
    gone = TierFactory(project=kept.project, campaign=kept.campaign)
    stack = StackFactory(project=kept.project, campaign=kept.campaign, tiers=[kept])

    refused = at_once(
        lambda: delete_tier(gone, now=NOW),
        lambda: update_stack(stack, now=NOW, tiers={"ids": [gone.pk, kept.pk]}),
    )

    members = PromotionStackTier.objects.filter(stack=stack)
    assert [member.tier for member in members] == [kept]
    assert all(isinstance(each, ResourceNotFound) for each in refused)


def test_the_last_tier_deleted_while_its_stack_is_renamed_takes_the_stack_along():
    tier = TierFactory()
    stack = StackFactory(project=tier.project, campaign=tier.campaign, tiers=[tier])

    refused = at_once(
        lambda: delete_tier(tier, now=NOW),
        lambda: update_stack(stack, now=NOW, name="New"),
    )

    assert not PromotionStack.objects.exists()
    assert all(isinstance(each, ResourceNotFound) for each in refused)
