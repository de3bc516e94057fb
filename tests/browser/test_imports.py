"""Bringing customers in by a file, click by click."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from customers.services.row_work import CustomersCsv
from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.tenancy.models import Project

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, BAD = 5_000, 37


def people(folder: Path) -> Path:
    """Return a file whose first 37 rows with a birthdate have a wrong one."""
    lines = ["source_id,name,email,birthdate,city,tier"]
    for number in range(ROWS):
        born = "yesterday" if number % 100 == 7 and number < BAD * 100 else "1990-05-17"
        lines.append(f"c{number},Name {number},c{number}@example.com,{born},Lyon,gold")
    path = folder / "people.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_file_is_looked_at_confirmed_and_watched(
    page: Page, shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(CustomersCsv, "batch", 2_000)
    page.goto("/admin/imports/")
    page.locator("input[type=file]").set_input_files(people(tmp_path))
    page.get_by_role("button", name="Look at it").click()
    expect(
        page.get_by_text("Of the first 20 rows, 1 would not be taken.")
    ).to_be_visible()
    expect(page.get_by_text("birthdate: 'yesterday' must be")).to_be_visible()
    page.get_by_role("button", name="Import all rows").click()

    progress = page.locator("#progress")
    expect(progress).to_contain_text("Accepted, 0 %")
    action = shop.async_actions.get()
    assert run_step(action.pk, now=utc_now())
    expect(progress).to_contain_text("1980 done")
    while run_step(action.pk, now=utc_now()):
        pass
    expect(progress).to_contain_text(f"Done, 100 % · {ROWS - BAD} done · {BAD} failed")
    assert shop.customers.count() == ROWS - BAD

    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Report").click()
    report = Path(download.value.path()).read_text()
    assert len(report.splitlines()) == BAD + 1
    assert report.splitlines()[1].startswith("8,c7,invalid_row,birthdate: 'yesterday'")
