"""Codes found, changed many at once, looked at and printed, click by click."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from campaigns.services.voucher import disable_voucher, enable_voucher
from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.browser.pictures import DESK, PHONE, fits, picture
from tests.browser.test_redeeming import TEN_OFF
from tests.factories.campaigns import CampaignFactory, VoucherFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_that_a_search_finds_are_changed(page: Page, shop: Project):
    campaign = CampaignFactory(project=shop, name="Spring sale")
    for number in range(60):
        VoucherFactory(campaign=campaign, code=f"SPRING-{number:03}")
    VoucherFactory(project=shop, code="OTHER", expiration_date=utc_now())
    page.goto("/admin/campaigns/voucher/")
    page.locator("input[name=q]").fill("SPRING")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="SPRING-000")).to_be_visible()
    picture(page, "codes")

    page.get_by_role("link", name="Change all of these").click()
    expect(page.get_by_role("heading", name="60 codes that start with")).to_be_visible()
    page.get_by_label("What to do").select_option("Disable")
    page.get_by_role("button", name="Change 60 codes").click()
    expect(
        page.get_by_text("Confirm that you mean all of these codes.")
    ).to_be_visible()
    assert shop.vouchers.filter(active=True).count() == 61
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.set_viewport_size(DESK)

    page.get_by_label("Yes, all of them").check(force=True)
    page.get_by_role("button", name="Change 60 codes").click()
    expect(page.get_by_text("All 60 rows were taken.").first).to_be_visible()
    assert list(shop.vouchers.filter(active=True).values_list("code", flat=True)) == [
        "OTHER"
    ]


def test_the_page_of_a_code_and_its_label(page: Page, shop: Project):
    campaign = CampaignFactory(project=shop, name="Spring sale")
    end = utc_now() + timedelta(days=30)
    voucher = VoucherFactory(
        campaign=campaign, code="SPRING-1", discount=TEN_OFF, expiration_date=end
    )
    disable_voucher(voucher, now=utc_now())
    enable_voucher(voucher, now=utc_now())
    page.goto("/admin/campaigns/voucher/")
    page.get_by_role("link", name="SPRING-1").click()

    expect(page.get_by_role("img", name="QR code of SPRING-1")).to_be_visible()
    expect(page.locator(".promo-history li").first).to_contain_text("Enabled")
    page.locator(".promo-code-below").scroll_into_view_if_needed()
    picture(page, "code")
    page.evaluate("document.documentElement.classList.add('dark')")
    page.set_viewport_size(PHONE)
    page.locator(".promo-code-below").scroll_into_view_if_needed()
    picture(page, "code-phone")
    assert fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="PNG").last.click()
    assert download.value.suggested_filename == f"{voucher.pk}-barcode.png"

    page.set_viewport_size(DESK)
    page.goto("/admin/campaigns/voucher/")
    page.get_by_role("link", name="Print labels").click()
    expect(page.locator(".label")).to_contain_text("SPRING-1")
    picture(page, "print")
    page.emulate_media(media="print")
    expect(page.locator(".sheet-asked")).to_be_hidden()
    page.emulate_media(media="screen")
    page.set_viewport_size(PHONE)
    assert fits(page)
