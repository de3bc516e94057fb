"""Codes that were printed elsewhere come into a campaign by a file, click by click."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.tenancy.models import Project
from tests.browser.pictures import picture
from tests.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 40


def printed(folder: Path) -> Path:
    """Return a file of forty codes, of which the third has a cell too many."""
    rows = [f"FLYER-{number:02}" for number in range(1, ROWS + 1)]
    rows[2] += ",blue"
    path = folder / "flyers.csv"
    path.write_text("\n".join(["Code", *rows]))
    return path


def test_codes_are_brought_into_a_campaign(page: Page, shop: Project, tmp_path: Path):
    CampaignFactory.create(project=shop, name="Flyers of May")
    page.goto("/admin/")
    page.get_by_role("link", name="Campaigns", exact=False).first.click()
    page.get_by_role("link", name="Flyers of May").first.click()
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Import codes").click()
    page.locator("input[type=file]").set_input_files(printed(tmp_path))
    page.get_by_role("button", name="Look at it").click()
    told = "Of the first 20 rows, 1 would not be taken."
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.get_by_role("cell", name="FLYER-01")).to_be_visible()
    picture(page, "import-codes")
    assert not shop.vouchers.exists()

    page.get_by_role("button", name="Import all rows").click()
    progress = page.locator("#progress")
    expect(progress).to_contain_text("Accepted, 0 %")
    while run_step(shop.async_actions.get().pk, now=utc_now()):
        pass
    expect(progress).to_contain_text("Done, 100 % · 39 done · 1 failed")

    page.goto("/admin/campaigns/voucher/")
    page.locator("input[name=q]").fill("FLYER-07")
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text="FLYER-07")
    expect(row).to_contain_text("Flyers of May")
    assert shop.vouchers.filter(campaign__name="Flyers of May").count() == ROWS - 1
    assert not shop.vouchers.filter(code="FLYER-03").exists()
