"""Bringing customers in by a file, click by click."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from customers.services.row_work import CustomersCsv
from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.tenancy.models import Project
from tests.browser.pictures import picture

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, BAD = 10_000, 37
#: How a row says what it should not, by the reason that the report gives.
WRONG = {
    "birthdate: 'yesterday' must be an ISO 8601 date or date-time": (
        "c{},Name {},c{}@example.com,yesterday,Lyon,gold"
    ),
    "The row has neither id nor source_id": (
        ",Name {},c{}@example.com,1990-05-17,Lyon,gold"
    ),
    "The row has 3 cells, the header has 6": "c{},Name {},c{}@example.com",
}
GOOD = "c{},Name {},c{}@example.com,1990-05-17,Lyon,gold"


def bad_rows() -> dict[int, str]:
    """Return the numbers of the rows that are wrong, each with its reason."""
    reasons = list(WRONG)
    return {250 * each + 8: reasons[each % len(reasons)] for each in range(BAD)}


def people(folder: Path) -> Path:
    """Return a file of 10,000 customers, 37 of whose rows are wrong."""
    lines, bad = ["source_id,name,email,birthdate,city,tier"], bad_rows()
    for number in range(1, ROWS + 1):
        form = WRONG[bad[number]] if number in bad else GOOD
        lines.append(form.format(number, number, number))
    path = folder / "people.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_file_is_looked_at_confirmed_watched_and_reported(
    page: Page, shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(CustomersCsv, "batch", 5_000)
    page.goto("/admin/")
    page.get_by_role("link", name="Imports").click()
    expect(page.get_by_text("Nothing has been brought in yet.")).to_be_visible()
    page.get_by_label("What it holds").select_option("Customers")
    page.locator("input[type=file]").set_input_files(people(tmp_path))
    page.get_by_role("button", name="Look at it").click()
    first = "Of the first 20 rows, 1 would not be taken."
    expect(page.get_by_text(first)).to_be_visible()
    expect(page.get_by_text("birthdate: 'yesterday' must be")).to_be_visible()
    assert not shop.customers.exists()
    page.get_by_role("button", name="Import all rows").click()

    progress, bar = page.locator("#progress"), page.locator("#progress .promo-bar span")
    expect(progress).to_contain_text("Accepted, 0 %")
    action = shop.async_actions.get()
    assert run_step(action.pk, now=utc_now())
    # 20 of the wrong rows stand in the first 5,000.
    expect(progress).to_contain_text("In Progress")
    expect(page.locator("#job-state")).to_have_text("In Progress")
    expect(page.locator("#job-result")).to_contain_text('"done_count": 4980')
    expect(progress).to_contain_text("4,980 done · 20 failed")
    width = bar.evaluate("bar => parseInt(bar.style.width)")
    assert 40 < width < 60
    picture(page, "import-progress")
    while run_step(action.pk, now=utc_now()):
        pass
    expect(progress).to_contain_text(f"Done, 100 % · 9,963 done · {BAD} failed")
    assert shop.customers.count() == ROWS - BAD == 9_963

    expect(page.get_by_text(f"Rows that were not taken: {BAD}")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    report = [*csv.DictReader(text.splitlines())]
    assert {int(row["row"]): row["error_details"] for row in report} == bad_rows()
    assert Counter(row["error_key"] for row in report) == {"invalid_row": BAD}
    assert len(report) == BAD

    page.get_by_role("link", name="Imports").click()
    recent = page.get_by_role("row").filter(has_text="Customers")
    expect(recent).to_contain_text("9,963")
    page.get_by_role("link", name="group Customers", exact=True).click()
    search = page.get_by_placeholder("Starts of names, start of the e-mail")
    search.fill("c5000")
    search.press("Enter")
    expect(page.get_by_role("link", name="Name 5000")).to_be_visible()
