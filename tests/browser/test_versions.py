"""A campaign is changed, two versions compared, and the first one restored."""

import pytest
from playwright.sync_api import Page, expect

from promo.tenancy.models import Project
from tests.browser.pictures import DESK, PHONE, picture
from tests.browser.test_barriers import barriers
from tests.factories.campaigns import CategoryFactory
from tests.redemptions.admin.checkout import coupon

pytestmark = pytest.mark.django_db(transaction=True)


def test_comparing_two_versions_and_going_back(page: Page, shop: Project) -> None:
    coupon(shop, "SPRING", campaign_name="Spring sale")
    CategoryFactory(project=shop, name="Season")
    campaign = shop.campaigns.get()
    address = f"/admin/campaigns/campaign/{campaign.pk.replace('_', '_5F')}/change/"

    for description, why in (("Ten off", "First words"), ("Ten off all", "Clearer")):
        page.goto(address)
        page.get_by_label("Description").fill(description)
        page.get_by_label("Why").fill(why)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("**/campaign/")
    page.goto(f"/admin/campaign-versions/{campaign.pk}/")
    expect(page.locator("#differences")).to_contain_text("Ten off all")
    page.get_by_label("Compare from version 1").check()
    page.get_by_label("Compare to version 2").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#differences")).to_contain_text("Ten off all")
    picture(page, "versions")
    assert list(barriers(page)) == []
    page.set_viewport_size(DESK)
    page.get_by_label("Why").fill("The first was better")
    page.get_by_role("button", name="Restore version 1").click()

    expect(page.get_by_text("The first was better")).to_be_visible()
    campaign.refresh_from_db()
    assert campaign.description == "Ten off"
    page.set_viewport_size(PHONE)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
