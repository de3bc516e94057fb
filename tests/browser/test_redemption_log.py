"""A refusal that answers why, is decided again, and units that come back."""

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.tenancy.models import Project
from redemptions.models import OrderReturn
from tests.browser.test_codes import DESK, PHONE, fits
from tests.browser.test_redeeming import picture
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db(transaction=True)
MUGS = [
    {"source_id": "mug", "product": {"name": "Mug"}, "quantity": 2, "price": 1000},
    {"source_id": "tea", "product": {"name": "Tea"}, "quantity": 1, "price": 500},
]
FROM_30 = {
    "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": [3_000]}},
    "logic": "1",
}


def test_why_a_code_was_refused_and_when_it_would_not_be(page: Page, shop: Project):
    voucher = coupon(shop, "SAVE20", campaign_name="Spring sale")
    rule = ValidationRuleFactory(project=shop, name="From 30", rules=FROM_30)
    AssignmentFactory(project=shop, rule=rule, related_object_id=voucher.campaign.pk)
    fail(shop, "SAVE20", items=MUGS, now=utc_now(), customer={"source_id": "ada"})

    page.goto("/admin/redemptions/redemption/?outcome=Refused")
    page.locator("#result_list tbody tr a").first.click()
    note = page.locator(".promo-note-bad")
    expect(note).to_contain_text("order amount was 25.00 EUR, needs at least 30.00 EUR")
    expect(page.get_by_role("row").filter(has_text="Mug")).to_contain_text("20.00 EUR")
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.set_viewport_size(DESK)
    picture(page, "redemption")

    page.get_by_role("link", name="Decide again as of then").click()
    outcome = page.get_by_role("status")
    expect(outcome).to_contain_text("Nothing would apply.")
    expect(page.get_by_text("Its result then: Refused.")).to_be_visible()
    pasted = page.locator("#id_pasted")
    pasted.fill(pasted.input_value().replace('"amount": 2500', '"amount": 3000'))
    page.get_by_role("button", name="Try it", exact=True).click()

    expect(outcome).to_contain_text("To pay: 24.00 EUR instead of 30.00 EUR")
    assert shop.redemptions.count() == 1


def test_units_come_back_on_the_page_of_their_redemption(page: Page, shop: Project):
    coupon(shop, "SAVE20", campaign_name="Spring sale")
    row = buy(shop, "SAVE20", order="2026-118", items=MUGS, now=utc_now())
    page.goto("/admin/redemptions/redemption/")
    page.locator("#result_list tbody tr a").first.click()

    page.locator("a[href*='return_units']").first.click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("see here what is paid back")
    page.get_by_label("Mug, 2 left").fill("1")
    expect(dialog).to_contain_text("8.00 EUR is paid back for units of 10.00 EUR.")
    expect(dialog).to_contain_text("SAVE20: 2.00 EUR of discount taken back")
    picture(page, "return")
    page.get_by_label("Mug, 2 left").fill("2")
    page.get_by_label("Tea, 1 left").fill("1")
    expect(dialog).to_contain_text("rolled back, so the use is given back")
    assert not OrderReturn.objects.exists()
    page.get_by_label("Mug, 2 left").fill("1")
    page.get_by_label("Tea, 1 left").fill("0")
    page.get_by_label("Reason").fill("Broken")
    page.get_by_role("button", name="Return units").click()

    expect(page.get_by_text("Returned: 8.00 EUR to pay back.")).to_be_visible()
    expect(page.get_by_text("2.00 EUR of it returned")).to_be_visible()
    made = OrderReturn.objects.get()
    row.refresh_from_db()
    assert (made.refund_amount, made.reason, row.status) == (800, "Broken", "SUCCEEDED")
