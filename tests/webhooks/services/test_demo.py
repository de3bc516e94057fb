"""The demo shop's distribution: it rests, and would send what it says."""

import pytest

from promo.tenancy.models import Project
from tests.factories.campaigns import CampaignFactory
from tests.factories.distributions import ada, order_event, tell
from tests.factories.tenancy import NOW
from webhooks.models import DistributionMessage
from webhooks.services.demo import add_distribution
from webhooks.services.distributions.previewing import preview

pytestmark = pytest.mark.django_db


def test_the_demo_shop_has_one_that_rests(project: Project) -> None:
    CampaignFactory.create(project=project, name="10 off from 50")

    made = add_distribution(project, now=NOW)

    assert made is not None
    assert (made.status, made.name) == ("PAUSED", "Thank-you, two days later")
    tell(project, order_event(ada(project, source_id="ada"), amount=4_900))
    shown = preview(made, "ada", now=NOW).messages[0].message
    assert shown["subject"] == "A thank-you for Ada"
    assert "thank you for your order of 49.00 USD" in shown["text"]
    assert DistributionMessage.objects.count() == 0


def test_a_shop_without_the_campaign_gets_none(project: Project) -> None:
    assert add_distribution(project, now=NOW) is None
