"""Having a file made again and again, click by click."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.tenancy.models import Project
from redemptions.models import ScheduledExport
from redemptions.services.export_run import run_export
from redemptions.services.scheduled_export import (
    run_due_schedules,
    tell_recipients,
)
from tests.browser.pictures import picture
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_export_is_scheduled_runs_and_is_downloaded(page: Page, shop: Project):
    CustomerFactory.create(project=shop, source_id="ada", name="Ada")
    CustomerFactory.create(project=shop, source_id="eve", name="Eve")
    page.goto("/admin/")
    page.get_by_role("link", name="Scheduled exports").click()
    expect(page.get_by_text("Have a file made every day or week")).to_be_visible()
    page.get_by_role("link", name="Add scheduled export").click()

    page.locator("#id_name").fill("Customers every Monday")
    page.locator("#id_exported_object").select_option("Customers")
    columns = page.locator("#id_columns_customer")
    expect(page.locator("#id_columns_voucher")).to_be_hidden()
    expect(columns.get_by_label("Email")).not_to_be_checked()
    columns.get_by_label("Email").check()
    page.locator("#id_order_customer").select_option("Source ID, A to Z")
    expect(page.locator("#id_weekday")).to_be_hidden()
    page.locator("#id_frequency").select_option("Every week")
    page.locator("#id_weekday").select_option("Monday")
    page.locator("#id_hour").select_option("07:00")
    picture(page, "schedule", at=page.locator("#id_order_customer"))
    page.locator("#id_recipients").fill("nobody")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Must be e-mail addresses: nobody.")).to_be_visible()
    assert not ScheduledExport.objects.exists()
    page.locator("#id_recipients").fill("anna@example.com")
    page.get_by_role("button", name="Save", exact=True).click()

    row = page.get_by_role("row").filter(has_text="Customers every Monday")
    expect(row).to_contain_text("Every Monday at 07:00")
    expect(row).to_contain_text("Not yet run")
    made = ScheduledExport.objects.get()
    assert (made.frequency, made.weekday, made.hour) == ("WEEKLY", 1, 7)
    assert made.parameters["fields"] == ["name", "email", "source_id"]
    assert made.recipients == ["anna@example.com"]
    local = made.next_run_at.astimezone(shop.zone)
    assert (local.weekday(), local.hour) == (0, 7)
    assert timedelta(0) < made.next_run_at - utc_now() <= timedelta(days=7)

    due = made.next_run_at
    assert run_due_schedules(due) == 1
    export = shop.exports.get()
    while run_export(export.pk, now=due):
        pass
    assert tell_recipients(export.pk, now=due) == 1
    assert mail.outbox[0].to == ["anna@example.com"]
    assert mail.outbox[0].subject == "Export ready: Customers every Monday"
    page.get_by_role("link", name="download Exports", exact=True).click()
    row = page.get_by_role("row").filter(has_text="Schedule: Customers every Monday")
    expect(row).to_contain_text("2 rows")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert [*csv.DictReader(text.splitlines())] == [
        {"Name": "Ada", "Email": "", "Source ID": "ada"},
        {"Name": "Eve", "Email": "", "Source ID": "eve"},
    ]
