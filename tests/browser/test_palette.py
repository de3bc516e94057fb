"""Going anywhere from the keyboard, and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from promo.tenancy.models import Project
from tests.admin_site import page_of
from tests.browser.pictures import on_a_dark_phone, picture
from tests.redemptions.admin.checkout import coupon

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_code_is_opened_by_the_keyboard_alone(page: Page, shop: Project):
    code = coupon(shop, "SAVE20")
    page.goto("/admin/")
    page.locator("body").press("Control+k")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("save", delay=20)
    expect(page.locator("#command-results-list li")).to_have_count(2)

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{page_of(code)}")


def test_enter_opens_what_was_found_first(page: Page, shop: Project):
    code = coupon(shop, "SAVE20")
    coupon(shop, "SAVE30")
    page.goto("/admin/")
    page.locator("body").press("Control+k")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("save20", delay=20)
    expect(page.locator("#command-results-list li.active")).to_contain_text("SAVE20")

    page.keyboard.press("Enter")

    page.wait_for_url(f"**{page_of(code)}")


def test_enter_before_the_answer_waits_for_it(page: Page, shop: Project):
    code = coupon(shop, "SAVE20")
    page.goto("/admin/")
    page.locator("body").press("Control+k")
    expect(page.locator("#search-input-command")).to_be_focused()

    page.keyboard.type("save20")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{page_of(code)}")


def test_the_search_works_on_a_phone_in_the_dark(page: Page, shop: Project):
    coupon(shop, "SAVE20")
    on_a_dark_phone(page)
    page.goto("/admin/")
    page.locator("span:text('dock_to_right'):visible").first.click()
    page.get_by_role("button", name="Search").first.click()
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("save", delay=20)

    expect(page.locator("#command-results-list li")).to_have_count(2)
    picture(page, "search-phone")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
