"""Defining what metadata hold, click by click."""

import pytest
from playwright.sync_api import Page, expect

from promo.tenancy.models import Project, User
from promo.tenancy.services.people import assign_role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator(shop: Project, page: Page) -> Page:
    anna = User.objects.get(email="anna@example.com")
    assign_role(user=anna, project=shop, role="ADMIN")
    return page


def test_a_schema_is_typed_as_a_table_of_keys(administrator: Page, shop: Project):
    page = administrator
    page.goto("/admin/metadata_schemas/metadataschema/add/")
    expect(page.locator("#id_nested_name")).to_be_hidden()
    page.locator("#id_resource").select_option("customer")
    page.locator("#id_row_0_key").fill("team")
    page.locator("#id_row_0_need").select_option("required")
    page.locator("#id_row_0_allowed").fill("latin\ngreek")
    page.locator("#id_row_1_key").fill("visits")
    page.locator("#id_row_1_holds").select_option("number")
    page.locator("#id_row_1_least").fill("0")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator("#id_row_0_key")).to_be_disabled()
    expect(page.locator("#id_row_0_allowed")).to_have_value("latin\ngreek")
    words = "visits: must be a number, must be greater than or equal to 0"
    expect(page.get_by_text(words)).to_be_visible()
    made = shop.metadata_schemas.get()
    assert made.related_object == "customer"
    assert made.properties["team"]["eq"] == ["latin", "greek"]
    assert made.properties["team"]["optional"] is False

    page.locator("#id_row_0_need").select_option("removed")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("link", name="Purge a removed key").click()
    dialog = page.locator("form", has=page.locator("[name=key]")).last
    dialog.locator("[name=key]").select_option("team")
    dialog.get_by_role("button", name="Purge a removed key").click()

    expect(page.get_by_text("team is being purged.")).to_be_visible()
    assert shop.metadata_schemas.get().properties.keys() == {"visits"}


def test_a_nested_object_asks_for_its_name(administrator: Page):
    page = administrator
    page.goto("/admin/metadata_schemas/metadataschema/add/")

    page.locator("#id_resource").select_option("nested")

    expect(page.locator("#id_nested_name")).to_be_visible()
