"""Filters of lists offer what the chosen project has, and nothing of another one."""

import pytest

from campaigns.models import Campaign
from promo.tenancy.models import Project
from tests.admin_site import sign_in, text_of
from tests.factories.campaigns import CampaignFactory, CategoryFactory
from tests.factories.tenancy import ProjectFactory
from tests.factories.webhooks import webhook
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


def test_categories_of_another_project_are_not_offered(project: Project) -> None:
    CampaignFactory.create(project=project)
    CategoryFactory.create(project=project, name="Ours")
    CategoryFactory.create(project=project, name="Ours too")
    CategoryFactory.create(project=ProjectFactory.create(), name="Theirs")

    page = text_of(sign_in(project, "ADMIN").list(Campaign))

    assert "Ours too" in page
    assert "Theirs" not in page


def test_webhooks_of_another_project_are_not_offered(project: Project) -> None:
    webhook(project, "https://ours.example/hook")
    webhook(project, "https://ours.example/other")
    webhook(ProjectFactory.create(), "https://theirs.example/hook")

    page = text_of(sign_in(project, "ADMIN").list(Delivery))

    assert "https://ours.example/other" in page
    assert "theirs.example" not in page
