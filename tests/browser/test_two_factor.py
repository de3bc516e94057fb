"""Somebody switches two-factor sign-in on, and signs in with it from then on."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.pictures import fits, on_a_dark_phone, picture

pytestmark = pytest.mark.django_db(transaction=True)


def shown_by_app(secret: str) -> str:
    """Return the six digits that an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(counters()))))


def test_two_factor_sign_in_is_switched_on_and_asked_for(page: Page):
    page.goto("/admin/account/two-factor/")
    page.get_by_role("link", name="Switch on").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_alt_text("Picture to scan", exact=False)).to_be_visible()
    picture(page, "two-factor")
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_role("textbox").last.fill(shown_by_app(secret))
    page.get_by_role("button", name="Switch on").click()
    codes = page.locator(".promo-codes li")
    expect(codes).to_have_count(10)
    spare = codes.first.inner_text().strip()

    page.context.clear_cookies()
    on_a_dark_phone(page)
    page.goto("/admin/")
    page.locator("#id_username").fill("anna@example.com")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert fits(page)
    picture(page, "two-factor-phone")
    page.goto("/admin/campaigns/campaign/")
    expect(page.locator("#id_username")).to_be_visible()

    page.locator("#id_username").fill("anna@example.com")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    page.get_by_role("textbox").last.fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Incorrect code")
    page.get_by_role("textbox").last.fill(spare)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="No campaigns yet")).to_be_visible()
