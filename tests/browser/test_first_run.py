"""From an empty project to a live campaign, led by what the pages say alone."""

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import StackingRules
from promo.tenancy.models import Project
from promo.tenancy.services.people import assign_role
from tests.admin_site import page_of
from tests.browser.pictures import PHONE, fits, picture
from tests.browser.test_barriers import barriers
from tests.browser.test_building_campaigns import go_on
from tests.factories.campaigns import CampaignFactory
from tests.redemptions.admin.checkout import coupon

pytestmark = pytest.mark.django_db(transaction=True)


def test_home_leads_to_a_campaign_with_a_rule_and_a_budget(page: Page, shop: Project):
    page.goto("/admin/")
    steps = page.get_by_role("region", name="First steps")
    picture(page, "first-steps")
    steps.get_by_role("link", name="Build a campaign").click()
    page.get_by_role("button", name="Many codes").click()
    page.locator("#id_name").fill("Autumn mailing")
    go_on(page, "Offer")
    page.locator("#id_percent_off").fill("20")
    expect(page.locator("#whole-sentence")).to_contain_text("20 % off.")
    picture(page, "builder")
    go_on(page, "Who and what")
    page.locator("#add-root").click()
    page.locator("#value-n1-0").fill("50")
    go_on(page, "Limits and budget")
    expect(page.locator("#id_quantity")).to_have_value("1")
    page.locator("#id_budget").fill("500")
    expect(page.locator("#whole-sentence")).to_contain_text("a budget of 500.00 EUR")
    page.locator("button[value='go:review']").click()
    page.get_by_role("button", name="Publish", exact=True).click()

    expect(page.get_by_text("100 codes are being made")).to_be_visible()
    campaign = shop.campaigns.get()
    assert (campaign.active, campaign.voucher["redemption"]) == (True, {"quantity": 1})
    page.goto("/admin/")
    expect(steps.get_by_role("listitem").first).to_contain_text("done")


def test_first_steps_are_put_away_on_a_phone(page: Page, shop: Project):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    page.get_by_role("button", name="Put this away").click()

    expect(page.get_by_text("First steps")).to_have_count(0)
    expect(page.get_by_role("link", name="Build a campaign").last).to_be_visible()


def test_the_rarer_buttons_of_a_campaign_open_by_the_keyboard(
    page: Page, shop: Project
):
    campaign = CampaignFactory(project=shop)
    page.goto(page_of(campaign))
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    more = page.locator("summary", has_text="More")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Copy as a draft")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Copy as a draft")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog").or_(page.locator("#dialog"))).to_contain_text(
        "A code of your own choice"
    )


def test_two_campaigns_are_compared_from_their_list(page: Page, shop: Project):
    for name in ("Spring", "Autumn"):
        CampaignFactory(project=shop, name=name, description=f"For {name}")
    page.goto("/admin/campaigns/campaign/")
    for box in page.locator("input[name=_selected_action]").all():
        box.check()
    page.locator("select[name=action]").select_option("compare_two")
    page.get_by_role("button", name="Run").click()

    expect(page.get_by_role("row").filter(has_text="Description")).to_contain_text(
        "For Spring"
    )
    assert list(barriers(page)) == []
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.get_by_role("link", name="Back to the campaigns").press("Enter")
    page.wait_for_url("**/admin/campaigns/campaign/")


def test_other_stacking_rules_are_compared_before_they_are_saved(
    page: Page, shop: Project
):
    assign_role(user=shop.memberships.get().user, project=shop, role="MANAGER")
    for code in ("SAVE20", "MORE20"):
        coupon(shop, code)
    page.goto(page_of(StackingRules.objects.get(pk=shop.pk)))
    page.locator("[name=discount_calculation_mode]").select_option("INITIAL_AMOUNT")
    page.locator("#trial-offer-1").fill("SAVE20")
    page.locator("#trial-offer-2").fill("MORE20")
    page.get_by_role("button", name="Compare").click()
    told = page.locator("#stacking-tried")

    expect(told).to_contain_text("To pay: 64.00 EUR instead of 100.00 EUR")
    expect(told).to_contain_text("To pay: 60.00 EUR instead of 100.00 EUR")
    expect(told).to_contain_text("holds at once for 2 running campaigns")
    picture(page, "stacking-compared", at=told)
    shop.refresh_from_db()
    assert shop.stacking_rules == {}


def test_a_view_of_the_campaigns_is_kept_and_deleted(page: Page, shop: Project):
    CampaignFactory(project=shop, name="Spring")
    CampaignFactory(project=shop, name="Autumn", active=False)
    page.goto("/admin/campaigns/campaign/?state=Running")
    page.get_by_text("Keep this view").click()
    page.get_by_label("Name", exact=True).fill("What runs")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.goto("/admin/campaigns/campaign/")
    page.get_by_role("link", name="What runs").click()
    expect(page.get_by_role("link", name="Spring")).to_be_visible()
    expect(page.get_by_role("link", name="Autumn")).to_have_count(0)

    page.get_by_role("button", name="Delete the view What runs").click()

    expect(page.get_by_role("link", name="What runs")).to_have_count(0)
