"""A marketer's first campaign, from signing in to the redemption that it brings."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from promo.clock import utc_now
from promo.tenancy.permissions import ADMIN
from promo.tenancy.services.people import assign_role, create_person
from promo.tenancy.services.projects import NewProject, create_project
from tests.fixtures.serving import Serving

TIMEOUT_MS = 30_000
EMAIL, PASSWORD = "marketer@example.com", "a long password of mine"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab."""
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    tab.set_default_timeout(TIMEOUT_MS)
    yield tab
    tab.close()


@pytest.fixture
def shop(serving: Serving) -> NewProject:
    """A project with somebody who may sign in."""
    made = create_project(name="Corner Shop", now=utc_now())
    person = create_person(email=EMAIL, password=PASSWORD)
    assign_role(user=person, project=made.project, role=ADMIN)
    return made


def test_a_marketer_builds_a_campaign_and_sees_its_redemption(
    page: Page, serving: Serving, shop: NewProject
) -> None:
    admin = f"{serving.url}/admin"
    sign_in(page, admin)
    make_rule(page, admin)
    make_campaign(page, admin)
    code = first_code(page, admin)

    refused = check_out(serving, shop, "validations", code, amount=4_999)
    redeemed = check_out(serving, shop, "redemptions", code, amount=5_000)

    error = refused["redeemables"][0]["result"]["error"]
    assert error["error"]["message"] == "Spend at least 50.00"
    assert redeemed["order"]["total_amount"] == 4_000
    page.goto(f"{admin}/redemptions/redemption/")
    row = page.get_by_role("row").filter(has_text=code)
    expect(row).to_contain_text("Succeeded")
    expect(row).to_contain_text("10.00 USD")
    page.goto(f"{admin}/")
    expect(page.locator("main, #content").first).to_contain_text("Twenty off")


def sign_in(page: Page, admin: str) -> None:
    page.goto(f"{admin}/")
    page.fill("input[name=username]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    expect(page).to_have_title("Home | Promo")


def make_rule(page: Page, admin: str) -> None:
    page.goto(f"{admin}/campaigns/validationrule/add/")
    page.fill("#id_name", "From 50.00")
    page.fill("#id_message", "Spend at least 50.00")
    page.fill("#id_least_amount", "50.00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully").first).to_be_visible()


def make_campaign(page: Page, admin: str) -> None:
    """Fill the form and wait until the worker has made all codes."""
    page.goto(f"{admin}/campaigns/campaign/add/")
    page.fill("#id_name", "Twenty off")
    page.fill("#id_percent_off", "20")
    page.fill("#id_vouchers_count", "1000")
    page.fill("#id_pattern", "CORNER-########")
    page.fill("#id_quantity", "1")
    page.select_option("#id_rule", label="From 50.00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully").first).to_be_visible()
    page.goto(f"{admin}/campaigns/campaign/")
    row = page.get_by_role("row").filter(has_text="Twenty off")

    def shows_all() -> None:
        page.reload()
        expect(row).to_contain_text("1,000", timeout=500)

    eventually(page, shows_all)


def eventually(page: Page, check: Any, tries: int = 60) -> None:
    """Repeat ``check`` until it holds: a worker is at it."""
    for _ in range(tries - 1):
        try:
            check()
        except AssertionError:
            page.wait_for_timeout(250)
        else:
            return
    check()


def first_code(page: Page, admin: str) -> str:
    page.goto(f"{admin}/campaigns/voucher/?q=CORNER")
    link = page.get_by_text(re.compile(r"^\s*CORNER-\w{8}\s*$")).first
    return link.inner_text().strip()


def check_out(
    serving: Serving, shop: NewProject, what: str, code: str, *, amount: int
) -> Any:
    """Ask as the shop's back end does; return the answer."""
    response = requests.post(
        f"{serving.url}/v1/{what}",
        json={
            "redeemables": [{"object": "voucher", "id": code}],
            "order": {"amount": amount},
        },
        headers={
            "X-App-Id": str(shop.server.key.app_id),
            "X-App-Token": shop.server.secret,
        },
        timeout=30,
    )
    assert response.status_code == 200, response.text
    return response.json()
