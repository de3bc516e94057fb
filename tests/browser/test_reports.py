"""Figures read, taken along as a file, and a budget that stops its campaign."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from redemptions.services.budget_watch import check_budgets
from redemptions.services.report_proof import rebuild_reports
from tests.browser.pictures import picture
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db(transaction=True)


def history(shop: Project) -> None:
    """Three weeks in which two campaigns were used, and something was refused."""
    now = utc_now()
    coupon(shop, "SPRING", campaign_name="Spring sale")
    coupon(shop, "WELCOME", campaign_name="Welcome back")
    coupon(shop, "ONCE", campaign_name="One of a kind", redemption_quantity=1)
    for number in range(21):
        at = now - timedelta(days=number)
        person = {"source_id": f"p-{number % 5}", "name": f"Person {number % 5}"}
        for turn in range(1 + number % 3):
            code = "SPRING" if (number + turn) % 2 else "WELCOME"
            order = f"o-{number}-{turn}"
            buy(shop, code, order=order, now=at, customer=person)
    buy(shop, "ONCE", order="once", now=now)
    fail(shop, "ONCE", order="twice", now=now)
    told()
    rebuild_reports(shop, now=now)


def told() -> None:
    while publish_batch(now=utc_now()):
        pass


def rows_on(page: Page, table: str) -> list[list[str]]:
    """Return what a table shows, as its file writes it."""
    rows = page.locator(f"#table-{table} tbody tr")
    found = []
    for row in rows.all():
        cells = [cell.inner_text().strip() for cell in row.locator("td").all()]
        found.append([cell.removesuffix(" EUR").replace(",", "") for cell in cells])
    return found


def file_of(page: Page, table: str) -> list[list[str]]:
    with page.expect_download() as download:
        page.locator(f"#table-{table}").get_by_role("link", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return [*csv.reader(text.splitlines())][1:]


def test_a_report_is_read_narrowed_and_taken_along(page: Page, shop: Project):
    history(shop)
    page.goto("/admin/")
    expect(page.locator("canvas.chart")).to_be_visible()
    picture(page, "home")
    page.get_by_role("link", name="Reports", exact=False).first.click()
    expect(page.locator("canvas.chart")).to_have_count(2)
    assert len(rows_on(page, "time")) == 30
    picture(page, "report")

    page.get_by_label("Period").select_option("Last 7 days")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**period=last_7_days**")

    for table in ("time", "campaigns", "codes", "reasons"):
        shown = rows_on(page, table)
        assert [[c or "-" for c in row] for row in file_of(page, table)] == shown
    assert len(rows_on(page, "time")) == 7
    assert sum(int(row[2]) for row in rows_on(page, "time")) == (
        sum(int(row[1]) for row in rows_on(page, "campaigns"))
    )
    page.get_by_label("Of").select_option("Spring sale")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#table-campaigns")).to_have_count(0)
    expect(page.locator("#table-codes")).to_contain_text("SPRING")
    expect(page.locator("#table-codes")).not_to_contain_text("WELCOME")
    page.get_by_label("Of").select_option("All campaigns")
    page.get_by_label("Period").select_option("Between two days")
    expect(page.get_by_label("From")).to_be_visible()
    page.get_by_label("Period").select_option("Today")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="All uses taken").click()

    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_a_budget_runs_out_and_the_campaign_stops(page: Page, shop: Project):
    campaign = coupon(shop, "SAVE20", campaign_name="Spring sale").campaign
    conditions = {"$less_than_or_equal": [4_000]}
    name = "campaign.orders.amount_discounted"
    rule = ValidationRuleFactory(
        project=shop, rules={"1": {"name": name, "conditions": conditions}}
    )
    AssignmentFactory(project=shop, rule=rule, related_object_id=campaign.pk)
    now = utc_now()
    for number in range(2):
        buy(shop, "SAVE20", order=f"o-{number}", now=now - timedelta(days=number))
    told()

    page.goto("/admin/")
    page.get_by_role("link", name="Budgets", exact=False).first.click()
    page.get_by_role("link", name="Spring sale").click()
    expect(page.locator("canvas.chart")).to_have_count(1)
    expect(page.locator(".promo-card", has_text="Used").first).to_contain_text("50 %")
    page.get_by_label("By e-mail to").fill("anna@example.com")
    page.get_by_label("Stop the campaign at").fill("100")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    for number in range(2, 4):
        buy(shop, "SAVE20", order=f"o-{number}", now=now)
    told()
    check_budgets(utc_now())
    page.reload()

    note = page.get_by_role("status").filter(has_text="Paused: budget")
    expect(note).to_contain_text("Raise the limit in its validation rule")
    reached = page.locator(".promo-card", has_text="What was reached")
    expect(reached.get_by_role("row")).to_have_count(4)
    picture(page, "budget")
    page.get_by_role("link", name="Campaigns", exact=False).first.click()
    row = page.get_by_role("row").filter(has_text="Spring sale")
    expect(row).to_contain_text("Paused: budget")
    picture(page, "campaigns")
    page.goto("/admin/")
    expect(page.get_by_text("Budgets at risk")).to_be_visible()
