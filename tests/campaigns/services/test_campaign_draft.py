"""Drafts: nothing is live before they are published, and then all of it."""

import pytest

from campaigns.models import CampaignDraft
from campaigns.services.campaign_draft import (
    create_draft,
    delete_draft,
    publish_draft,
    save_draft,
)
from promo.errors import BadRequest, Duplicate, ResourceNotFound
from promo.outbox.models import DomainEvent
from tests.admin_site import NOW, make_project

pytestmark = pytest.mark.django_db

CAMPAIGN = {
    "name": "Spring",
    "campaign_type": "DISCOUNT_COUPONS",
    "voucher": {
        "type": "DISCOUNT_VOUCHER",
        "discount": {"type": "PERCENT", "percent_off": 10},
        "code": "SPRING",
    },
}
RULE = {
    "name": "Big orders",
    "rules": {"1": {"name": "order.amount", "conditions": {"$more_than": [100]}}},
}


@pytest.fixture
def draft():
    return create_draft(
        project=make_project(),
        owner=None,
        name="Spring",
        step="offer",
        payload={"fields": {"what": ["bulk"]}},
        now=NOW,
    )


def test_keeping_a_draft_tells_nobody(draft):
    told = DomainEvent.objects.count()

    save_draft(draft, name="Summer", step="codes", payload={}, now=NOW)

    draft.refresh_from_db()
    assert (draft.name, draft.step, draft.payload) == ("Summer", "codes", {})
    assert str(draft) == "Summer"
    assert DomainEvent.objects.count() == told
    assert draft.project.campaigns.count() == 0


def test_publishing_makes_the_campaign_with_its_rule_and_ends_the_draft(draft):
    campaign = publish_draft(draft, campaign=CAMPAIGN, rule=RULE, now=NOW)

    rule = draft.project.validation_rules.get()
    assert campaign.vouchers.get().code == "SPRING"
    assert rule.assignments.get().related_object_id == campaign.pk
    assert CampaignDraft.objects.count() == 0


def test_a_campaign_needs_no_rule(draft):
    campaign = publish_draft(draft, campaign=CAMPAIGN, rule=None, now=NOW)

    assert campaign.name == "Spring"
    assert draft.project.validation_rules.count() == 0


def test_a_draft_is_published_once(draft):
    publish_draft(draft, campaign=CAMPAIGN, rule=None, now=NOW)

    with pytest.raises(ResourceNotFound):
        publish_draft(draft, campaign={**CAMPAIGN, "name": "Two"}, rule=None, now=NOW)
    with pytest.raises(ResourceNotFound):
        save_draft(draft, name="", step="kind", payload={}, now=NOW)
    with pytest.raises(ResourceNotFound):
        delete_draft(draft)

    assert draft.project.campaigns.count() == 1


@pytest.mark.parametrize(
    ("campaign", "rule", "refusal"),
    [
        (CAMPAIGN, {**RULE, "rules": {"1": {"name": "order.nothing"}}}, BadRequest),
        ({**CAMPAIGN, "name": "Taken"}, RULE, Duplicate),
    ],
)
def test_a_refusal_leaves_the_draft_and_makes_nothing(draft, campaign, rule, refusal):
    other = create_draft(
        project=draft.project, owner=None, name="", step="kind", payload={}, now=NOW
    )
    publish_draft(other, campaign={**CAMPAIGN, "name": "Taken"}, rule=None, now=NOW)

    with pytest.raises(refusal):
        publish_draft(draft, campaign=campaign, rule=rule, now=NOW)

    assert CampaignDraft.objects.get() == draft
    assert draft.project.campaigns.count() == 1
    assert draft.project.validation_rules.count() == 0
