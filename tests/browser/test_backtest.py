"""A draft is held against recent orders before it is published, and a campaign too."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from campaigns.services.campaign_draft import create_draft
from promo.clock import utc_now
from promo.tenancy.models import Project
from redemptions.services.order import create_order
from tests.admin_site import page_of
from tests.browser.pictures import DESK, PHONE, fits
from tests.browser.test_barriers import barriers
from tests.factories.campaigns import CampaignFactory, template
from tests.factories.customers import CustomerFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.test_backtest import RULES, TWENTY

pytestmark = pytest.mark.django_db(transaction=True)


def paid(shop: Project) -> None:
    gold = CustomerFactory(project=shop, metadata={"level": "gold"})
    for place, amount in enumerate((12_000, 5000, 9990, 2500, 7000, 30_000, 6400)):
        create_order(
            project=shop,
            now=utc_now() - timedelta(days=1 + place),
            source_id=f"order-{1000 + place}",
            amount=amount,
            status="PAID",
            customer={"id": gold.pk} if place != 4 else None,
        )


def test_a_draft_shows_what_it_would_have_cost(page: Page, shop: Project):
    paid(shop)
    fields = {"what": "cart", "name": "Autumn", "kind": "PERCENT", "percent_off": "20"}
    draft = create_draft(
        project=shop,
        owner=None,
        name="Autumn",
        step="review",
        payload={
            "fields": {name: [text] for name, text in fields.items()},
            "rules": RULES,
        },
        now=utc_now(),
    )
    page.goto(f"/admin/campaign-builder/{draft.pk}/review/")

    page.get_by_role("button", name="Backtest against recent orders").press("Enter")

    panel = page.locator("#backtest")
    expect(panel).to_contain_text("4 of 7 (57.1 %)")
    expect(panel).to_contain_text("Customer's level needs gold.")
    expect(panel.get_by_role("link", name="order-1005")).to_be_visible()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_enabled()
    assert shop.campaigns.count() == 0
    page.set_viewport_size(PHONE)
    assert fits(page)
    assert list(barriers(page)) == []


def test_a_campaign_shows_what_it_would_have_cost(page: Page, shop: Project):
    campaign = CampaignFactory(
        project=shop, name="Spring", voucher=template(discount=TWENTY)
    )
    rule = ValidationRuleFactory(project=shop, name="Gold from 60", rules=RULES)
    AssignmentFactory(
        project=shop,
        rule=rule,
        related_object_id=campaign.pk,
        related_object_type="campaign",
    )
    paid(shop)
    page.set_viewport_size(DESK)
    page.goto(page_of(campaign))
    page.locator("summary", has_text="More").press("Enter")

    page.get_by_role("link", name="Backtest", exact=True).press("Enter")

    expect(page.get_by_text("4 of 7 (57.1 %)")).to_be_visible()
    expect(page.get_by_text("An order may fail by several of these.")).to_be_visible()
    assert list(barriers(page)) == []
    page.get_by_role("link", name="Back to Spring").click()
    page.wait_for_url(f"**{page_of(campaign)}")
