"""Every event that a project may be told of is told when somebody causes it."""

from collections.abc import Callable

import pytest

from promo.outbox.catalogue import event_types, heard_by
from promo.outbox.declaring import Audience
from promo.outbox.models import DomainEvent
from tests.fixtures.api import ApiClient
from tests.webhooks import scenarios as told_by

pytestmark = pytest.mark.django_db

Story = Callable[[ApiClient], None]

#: What a story tells projects, in order.
STORIES: dict[Story, list[str]] = {
    told_by.a_customer_comes_and_goes: [
        "customer.created",
        "customer.updated",
        "customer.deleted",
    ],
    told_by.a_customer_confirms_an_address: ["customer.created", "customer.confirmed"],
    told_by.a_campaign_runs: [
        "campaign.created",
        "campaign.vouchers.generation.started",
        "campaign.vouchers.generation.completed",
        "campaign.vouchers.added",
        "campaign.updated",
        "campaign.disabled",
        "campaign.enabled",
        "campaign.deleted",
    ],
    told_by.a_campaign_runs_out_of_codes: [
        "campaign.created",
        "campaign.vouchers.generation.started",
        "campaign.vouchers.generation.failed",
        "campaign.vouchers.added",
    ],
    told_by.a_voucher_comes_and_goes: [
        "voucher.created",
        "voucher.updated",
        "voucher.disabled",
        "voucher.enabled",
        "voucher.deleted",
    ],
    told_by.a_voucher_is_published: [
        "customer.created",
        "publication.succeeded",
        "voucher.published",
    ],
    told_by.a_promotion_is_built: [
        "campaign.promotion_tier.created",
        "campaign.promotion_tier.updated",
        "campaign.promotion_tier.disabled",
        "campaign.promotion_tier.enabled",
        "campaign.promotion_tier.deleted",
    ],
    told_by.promotions_are_stacked: [
        "campaign.promotion_stack.created",
        "campaign.promotion_stack.updated",
    ],
    told_by.a_reward_is_offered: [
        "campaign.reward.assignment.created",
        "campaign.reward.assignment.updated",
        "campaign.reward.assignment.deleted",
    ],
    told_by.a_rule_is_set_and_lifted: [
        "business_validation_rule.created",
        "business_validation_rule.updated",
        "business_validation_rule.assignment.created",
        "business_validation_rule.assignment.deleted",
        "business_validation_rule.deleted",
    ],
    told_by.a_code_is_redeemed_and_given_back: [
        "customer.created",
        "redemption.succeeded",
        "redemption.failed",
        "redemption.rollback.succeeded",
        "redemption.rollback.failed",
    ],
    told_by.a_gift_card_is_filled_and_spent: [
        "voucher.gift.balance_added",
        "voucher.gift.transaction.created",
        "redemption.succeeded",
        "voucher.gift.transaction.created",
    ],
    told_by.points_are_added: [
        "voucher.loyalty_card.points_added",
        "voucher.loyalty_card.transaction.created",
    ],
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_story_tells_what_happened(api: ApiClient, story: Story) -> None:
    story(api)

    heard = DomainEvent.objects.filter(type__in=heard_by(Audience.PROJECT))
    told = list(heard.order_by("pk").values_list("type", flat=True))
    assert told == STORIES[story]


def test_every_event_that_is_not_planned_has_a_story() -> None:
    types = event_types()
    ready = {name for name in heard_by(Audience.PROJECT) if not types[name].planned}

    assert {name for names in STORIES.values() for name in names} == ready
