"""Two people at once: one rule an object, one tier a place, no lost deletion."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from campaigns.models import PromotionTier, ValidationRule, ValidationRuleAssignment
from campaigns.services.promotion_tier import (
    create_tier,
    delete_tiers_of,
    update_tier,
)
from campaigns.services.rule_assignments import assign_rule, assign_rules
from campaigns.services.validation_rule import delete_rule
from promo.errors import Duplicate, InvalidPayload, PromoError, ResourceNotFound
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.campaigns import TEN_PERCENT, PromotionFactory, VoucherFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW


def at_once(*works: Callable[[], Any]) -> list[PromoError]:
    """Run functions side by side on connections of their own; return refusals."""
    start, refused = Barrier(len(works)), []

    def run(work: Callable[[], Any]) -> None:
        start.wait()
        try:
            work()
        except PromoError as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.django_db(transaction=True)
def test_of_two_rules_put_on_one_object_at_once_one_is_refused() -> None:
    voucher = VoucherFactory.create()
    rules = ValidationRuleFactory.create_batch(2, project=voucher.project)

    refused = at_once(
        *(
            lambda rule=rule: assign_rule(
                project=voucher.project, rule_id=rule.pk, guarded=voucher, now=NOW
            )
            for rule in rules
        )
    )

    held = ValidationRuleAssignment.objects.get()
    assert [type(refusal) for refusal in refused] == [Duplicate]
    assert refused[0].resource_id == held.pk
    assert DomainEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_rule_deleted_while_it_is_assigned_leaves_no_assignment() -> None:
    voucher = VoucherFactory.create()
    rule = ValidationRuleFactory.create(project=voucher.project)

    refused = at_once(
        lambda: delete_rule(rule, now=NOW),
        lambda: assign_rule(
            project=voucher.project, rule_id=rule.pk, guarded=voucher, now=NOW
        ),
    )

    assert all(isinstance(refusal, ResourceNotFound) for refusal in refused)
    assert not ValidationRule.objects.exists()
    assert not ValidationRuleAssignment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_tiers_made_and_moved_at_once_never_share_a_place() -> None:
    campaign = PromotionFactory.create()
    moved = TierFactory.create(project=campaign.project, campaign=campaign, hierarchy=9)
    body = {"name": "New", "action": {"discount": TEN_PERCENT}}

    def create(**more: Any) -> None:
        project = campaign.project
        create_tier(project=project, campaign=campaign, now=NOW, **body, **more)

    refused = at_once(
        create,
        create,
        lambda: create(hierarchy=1),
        lambda: create(hierarchy=1),
        lambda: update_tier(moved, now=NOW, hierarchy=1),
    )

    places = list(PromotionTier.objects.values_list("hierarchy", flat=True))
    assert refused == []
    assert len(places) == len(set(places)) == 5


def test_an_inline_list_takes_one_rule_and_ignores_repeats(project: Project) -> None:
    voucher = VoucherFactory.create(project=project)
    first, second = ValidationRuleFactory.create_batch(2, project=project)

    with pytest.raises(InvalidPayload):
        assign_rules(
            project=project,
            related_object=voucher,
            rule_ids=[first.pk, second.pk],
            now=NOW,
        )
    made = assign_rules(
        project=project, related_object=voucher, rule_ids=[first.pk] * 2, now=NOW
    )

    assert [assignment.rule_id for assignment in made] == [first.pk]
    assert ValidationRuleAssignment.objects.count() == 1


def test_the_tiers_of_a_deleted_campaign_go_with_their_rules(project: Project) -> None:
    campaign = PromotionFactory.create(project=project)
    tier = TierFactory.create(project=project, campaign=campaign)
    other = TierFactory.create(project=project)
    for related_id in (campaign.pk, tier.pk):
        AssignmentFactory.create(project=project, related_object_id=related_id)
    kept = AssignmentFactory.create(project=project, related_object_id=other.pk)

    delete_tiers_of(campaign, now=NOW)

    assert list(PromotionTier.objects.alive()) == [other]
    assert ValidationRuleAssignment.objects.get() == kept
