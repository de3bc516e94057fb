"""Somebody asks why a code does not work, and tries until it does."""

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.browser.pictures import picture
from tests.factories.catalogue import ProductFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import coupon, fail

pytestmark = pytest.mark.django_db(transaction=True)

RULES = {
    "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": [5_100]}},
    "2": {
        "name": "customer.metadata",
        "property": "level",
        "conditions": {"$in": ["gold", "platinum"]},
    },
    "logic": "1 or 2",
}


def guarded(shop: Project) -> None:
    voucher = coupon(shop, "SAVE20")
    rule = ValidationRuleFactory(
        project=shop,
        name="Big basket or a good customer",
        rules=RULES,
        error={"message": "Spend a little more"},
    )
    AssignmentFactory(project=shop, rule=rule, related_object_id=voucher.campaign.pk)


def test_from_a_code_to_the_cart_on_which_it_works(page: Page, shop: Project):
    guarded(shop)
    ProductFactory(project=shop, name="Mug", price=1250)
    ProductFactory(project=shop, name="Green tea", price=900)

    page.goto("/admin/campaigns/voucher/")
    page.get_by_role("link", name="SAVE20").first.click()
    page.locator("a[href*='try_it']").click()
    expect(page.locator("#id_codes")).to_have_value("SAVE20")
    page.locator("#id_item_0").fill("Mug")
    page.get_by_role("button", name="Try it").click()

    outcome = page.get_by_role("status")
    expect(outcome).to_contain_text("Nothing would apply.")
    expect(outcome).to_contain_text("order amount was 12.50 EUR")
    expect(outcome).to_contain_text("needs at least 51.00 EUR")
    expect(outcome).to_contain_text("The shop shows: “Spend a little more”")
    picture(page, "try-it", at=outcome)

    page.locator("#id_quantity_0").fill("4")
    page.locator("#id_item_1").fill("Green tea")
    expect(page.locator("#id_item_3")).to_be_hidden()
    page.get_by_role("button", name="Add an item").click()
    expect(page.locator("#id_item_3")).to_be_visible()
    page.get_by_role("button", name="Try it").click()

    expect(outcome).to_contain_text("To pay: 47.20 EUR instead of 59.00 EUR")
    left = page.get_by_role("row").filter(has_text="Left to pay")
    expect(left).to_contain_text("47.20 EUR")
    assert shop.redemptions.count() == 0


def test_a_refusal_in_the_log_reads_like_a_sentence(page: Page, shop: Project):
    guarded(shop)
    row = fail(shop, "SAVE20", now=utc_now())

    page.goto("/admin/redemptions/redemption/")
    page.locator("#result_list tbody tr a").first.click()

    note = page.locator(".promo-note-bad")
    expect(note).to_contain_text("order amount was 50.00 EUR, needs at least 51.00 EUR")
    picture(page, "refused")
    page.get_by_role("link", name="Decide again as of then").click()
    expect(page.locator("#id_codes")).to_have_value("SAVE20")
    assert row.result == "FAILURE"
