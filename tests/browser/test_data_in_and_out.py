"""Files out of lists, files in, and records that could not be taken, click by click."""

import csv
import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.jobs.actions import run_all
from promo.tenancy.models import Project
from promo.tenancy.services.people import assign_role
from redemptions.models import Export
from redemptions.services.export_run import run_export
from tests.browser.pictures import picture
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import EventSchemaFactory
from tests.outbox import events_of
from webhooks.models import BusDeadLetter
from webhooks.services.bus.ledger import Place, bury
from webhooks.services.bus.letters import keep_letter

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = "promo.ingest.events.v1"


def test_a_filtered_list_is_exported_with_chosen_columns(
    page: Page, shop: Project
) -> None:
    spring = CampaignFactory(project=shop, name="Spring")
    VoucherFactory(campaign=spring, code="SPRING-1")
    VoucherFactory(campaign=spring, code="SPRING-2", redeemed_quantity=1)
    VoucherFactory(project=shop, code="OTHER")
    page.goto("/admin/campaigns/voucher/?uses=Never+used")
    search = page.get_by_placeholder("Start of the code, or an id")
    search.fill("SPRING")
    search.press("Enter")
    expect(page.get_by_role("link", name="SPRING-1")).to_be_visible()
    expect(page.get_by_role("link", name="SPRING-2")).to_be_hidden()
    page.get_by_role("link", name="Export these").click()

    said = "what was searched for SPRING, uses Never used"
    expect(page.get_by_text(said)).to_be_visible()
    columns = page.locator("#id_columns_voucher")
    for box in columns.get_by_role("checkbox").all():
        box.uncheck()
    columns.get_by_label("Code", exact=True).first.check()
    columns.get_by_label("Campaign", exact=True).check()
    picture(page, "export")
    page.get_by_role("button", name="Save", exact=True).click()
    export = Export.objects.get()
    page.goto(f"/admin/redemptions/export/{export.pk.replace('_', '_5F')}/change/")
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    run_export(export.pk, now=utc_now())

    # The page asks by itself, and is read anew once the file is there.
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    file = Path(download.value.path()).read_bytes()
    assert [*csv.reader(file.decode().splitlines())] == [
        ["Code", "Campaign"],
        ["SPRING-1", "Spring"],
    ]
    expect(page.get_by_text(hashlib.sha256(file).hexdigest())).to_be_visible()
    page.goto("/admin/redemptions/export/")
    page.get_by_role("link", name="What stands in the columns").click()
    expect(page.get_by_text("What is left on a gift card")).to_be_visible()


def send_file(page: Page, folder: Path, text: str) -> None:
    path = folder / "people.csv"
    path.write_text(text)
    page.goto("/admin/imports/")
    page.get_by_label("What it holds").select_option("Customers")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Look at it").click()


def test_a_mapping_is_remembered_and_an_import_taken_back(
    page: Page, shop: Project, tmp_path: Path
) -> None:
    send_file(page, tmp_path, "Client no,Full name\nada,Ada\n")
    expect(page.get_by_text("holds a space")).to_be_visible()
    page.get_by_label("Client no").select_option("source id")
    page.get_by_label("Full name").select_option("name")
    picture(page, "import")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("All of the first 1 rows would be taken.")).to_be_visible()
    page.get_by_role("button", name="Import all rows").click()
    expect(page.locator("#progress")).to_contain_text("Accepted")
    run_all(shop, now=utc_now())
    expect(page.locator("#progress")).to_contain_text("Done, 100 %")

    send_file(page, tmp_path, "Client no,Full name\nbob,Bob\neve,Eve\n")
    expect(page.get_by_text("All of the first 2 rows would be taken.")).to_be_visible()
    page.get_by_role("button", name="Import all rows").click()
    expect(page.locator("#progress")).to_contain_text("Accepted")
    run_all(shop, now=utc_now())
    expect(page.locator("#progress")).to_contain_text("Done, 100 %")
    alive = shop.customers.filter(deleted_at=None)
    assert set(alive.values_list("source_id", "name")) == {
        ("ada", "Ada"),
        ("bob", "Bob"),
        ("eve", "Eve"),
    }

    page.get_by_role("link", name="Take back").click()
    expect(page.get_by_text("What the import has made is deleted.")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("#progress")).to_contain_text("Accepted")
    run_all(shop, now=utc_now())
    done = "2 customer(s) taken back, 0 in use and kept."
    expect(page.get_by_text(done, exact=True)).to_be_visible()
    assert list(alive.values_list("source_id", flat=True)) == ["ada"]


def test_dead_letters_are_taken_once_their_cause_is_mended(
    page: Page, shop: Project
) -> None:
    assign_role(user=shop.memberships.get().user, project=shop, role="ADMIN")
    bad = b'{"customer": {"source_id": "ada"}}'
    good = b'{"event": "visited", "customer": {"source_id": "ada"}}'
    for offset, value in enumerate((bad, good, good)):
        bury(shop, Place(EVENTS, 0, offset), now=utc_now())
        keep_letter(
            shop,
            kind="events",
            place=(EVENTS, 0, offset),
            key=b"ada",
            value=value,
            headers=[],
            error="invalid_payload: There is no event of this name",
            attempts=1,
            now=utc_now(),
        )
    page.goto("/admin/")
    page.get_by_role("link", name="3 to be looked at").click()
    expect(page.get_by_text("Something is missing").first).to_be_visible()
    picture(page, "dead-letters")
    EventSchemaFactory(project=shop, name="visited")

    for box in page.locator("input.action-select").all():
        box.check()
    page.locator("select[name=action]").select_option("Take selected again")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("2 dead letters taken.")).to_be_visible()
    assert events_of(shop).count("customer.custom_event") == 2
    left = BusDeadLetter.objects.get(state="WAITING")

    page.goto(f"/admin/webhooks/busdeadletter/{left.pk.replace('_', '_5F')}/change/")
    page.get_by_role("link", name="Put aside").click()
    expect(page.get_by_text("Nothing of it is taken")).to_be_visible()
    page.get_by_role("button", name="Put aside").click()
    expect(page.get_by_text("It is put aside.")).to_be_visible()
    page.goto("/admin/health/")
    expect(page.get_by_text("System health").first).to_be_visible()
    picture(page, "health")
    assert not BusDeadLetter.objects.filter(state="WAITING").exists()
