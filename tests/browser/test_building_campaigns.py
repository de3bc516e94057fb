"""From nothing to a live campaign, kind by kind."""

import pytest
from playwright.sync_api import Page, expect

from promo.tenancy.models import Project
from tests.browser.pictures import on_a_dark_phone, picture

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = {
    "One code for everybody": ("#id_percent_off", "20", "STANDALONE"),
    "Many codes": ("#id_percent_off", "20", "STATIC"),
    "Cart promotion": ("#id_percent_off", "20", "STATIC"),
    "Gift cards": ("#id_credits", "50", "STATIC"),
    "Loyalty cards": ("#id_points", "100", "STATIC"),
    "Referrals": ("#id_percent_off", "20", "STATIC"),
}


def go_on(page: Page, title: str) -> None:
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.locator("[aria-current=step]")).to_contain_text(title)


def publish(page: Page) -> None:
    page.locator("button[value='go:review']").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("is live within its dates").first).to_be_visible()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_built_and_published(page: Page, shop: Project, kind: str):
    field, value, pool = KINDS[kind]
    page.goto("/admin/")
    page.get_by_role("link", name="Build a campaign", exact=True).click()
    page.get_by_role("button", name=kind).click()
    page.locator("#id_name").fill("Mine")
    go_on(page, "Offer")
    page.locator(field).fill(value)
    page.locator("button[value='go:limits']").click()
    assert shop.campaigns.count() == 0

    publish(page)

    campaign = shop.campaigns.get()
    assert (campaign.name, campaign.active, campaign.type) == ("Mine", True, pool)
    assert shop.campaign_drafts.count() == 0


def test_bulk_codes_with_a_condition_and_a_budget(page: Page, shop: Project):
    page.goto("/admin/campaign-builder/")
    picture(page, "campaign-kinds")
    page.get_by_role("button", name="Many codes").click()
    page.locator("#id_name").fill("Autumn")
    go_on(page, "Offer")
    page.locator("#id_percent_off").fill("20")
    expect(page.locator("#example")).to_contain_text(
        "To pay: 80.00 EUR instead of 100.00 EUR"
    )
    picture(page, "campaign-offer")
    go_on(page, "Who and what")
    page.locator("#add-root").click()
    page.locator("#value-n1-0").fill("150")
    expect(page.locator("#example")).to_contain_text(
        "Order amount was 100.00 EUR, needs at least 150.00 EUR."
    )
    go_on(page, "Limits and budget")
    page.locator("#id_quantity").fill("1")
    page.locator("#id_budget").fill("5000")
    go_on(page, "Codes")
    page.locator("#id_vouchers_count").fill("500")
    page.locator("#id_pattern").fill("AUTUMN-#")
    expect(page.locator("#code-preview")).to_contain_text("room for")
    page.locator("#id_pattern").fill("AUTUMN-######")
    expect(page.locator("#code-preview")).to_contain_text("AUTUMN-")
    go_on(page, "Schedule")
    go_on(page, "Review")
    expect(page.get_by_role("definition").last).to_have_text("5,000.00 EUR")
    expect(page.get_by_role("status")).to_contain_text("It has no end date")
    expect(page.locator("#example")).to_contain_text("It would not apply.")
    picture(page, "campaign-review")

    publish(page)

    rule = shop.validation_rules.get()
    assert rule.rules["logic"] == "1 and 2"
    assert rule.rules["2"]["name"] == "campaign.orders.amount_discounted"


def test_a_step_that_is_not_complete_says_so_and_is_put_right(
    page: Page, shop: Project
):
    on_a_dark_phone(page)
    page.goto("/admin/campaign-builder/")
    page.get_by_role("button", name="Cart promotion").click()
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.locator("#id_name").fill("Mine")
    go_on(page, "Offer")
    page.locator("#id_kind").select_option("AMOUNT")
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.get_by_text("Say how much.")).to_be_visible()
    picture(page, "campaign-phone")
    page.locator("#id_amount_off").fill("5")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    publish(page)

    assert shop.campaigns.get().tiers.get().action["discount"]["amount_off"] == 500
