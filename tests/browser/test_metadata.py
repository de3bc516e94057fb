"""Defining what metadata hold, click by click."""

import pytest
from playwright.sync_api import Page, expect

from promo.tenancy.models import Project, User
from promo.tenancy.services.people import assign_role
from tests.browser.pictures import picture

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


def test_nested_objects_are_defined_and_then_chosen(administrator: Page, shop: Project):
    page = administrator
    page.goto("/admin/")
    page.get_by_role("link", name="Metadata", exact=False).first.click()
    page.get_by_role("link", name="Add metadata schema").click()
    page.locator("#id_resource").select_option("Objects nested in other metadata")
    page.locator("#id_nested_name").fill("Pet")
    type_key(page, 0, "kind", need="Required", allowed="cat\ndog")
    type_key(page, 1, "weight", holds="Number", least="0.5")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Object: Pet")).to_be_visible()

    page.goto("/admin/metadata_schemas/metadataschema/add/")
    page.locator("#id_resource").select_option("Customer")
    type_key(page, 0, "pets", holds="Object: Pet", several=True)
    type_key(page, 1, "home", holds="Place")
    type_key(page, 2, "tags", several=True)
    page.get_by_label("Refuse keys without a definition").check()
    picture(page, "metadata")
    page.get_by_role("button", name="Save and continue editing").click()

    words = "pets: must be an array, and every element: must be an object of type Pet"
    expect(page.get_by_text(words)).to_be_visible()
    schemas = {one.related_object: one for one in shop.metadata_schemas.all()}
    pet, customer = schemas["Pet"].properties, schemas["customer"].properties
    assert (pet["kind"]["type"], pet["kind"]["eq"]) == ("string", ["cat", "dog"])
    assert (pet["kind"]["optional"], pet["weight"]["gte"]) == (False, 0.5)
    assert customer["pets"]["type"] == "object"
    assert (customer["pets"]["object_type"], customer["pets"]["array"]) == ("Pet", True)
    assert (customer["home"]["type"], customer["home"]["array"]) == ("geopoint", False)
    assert (customer["tags"]["type"], customer["tags"]["array"]) == ("string", True)

    page.goto("/admin/customers/customer/add/")
    page.locator("#id_name").fill("Ada")
    page.locator("#id_metadata").fill('{"pets": [{"kind": "cow", "weight": 400}]}')
    page.get_by_role("button", name="Save", exact=True).click()
    wrong = "pets[0].kind: must be a string, property is required, must be equal to"
    expect(page.get_by_text(wrong)).to_be_visible()
    assert not shop.customers.exists()
    page.locator("#id_metadata").fill('{"pets": [{"kind": "cat", "weight": 4.5}]}')
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("was added successfully").first).to_be_visible()
    stored = shop.customers.get().metadata
    assert stored == {"pets": [{"kind": "cat", "weight": 4.5}]}


def type_key(
    page: Page,
    row: int,
    key: str,
    *,
    holds: str = "Text",
    need: str = "Optional",
    allowed: str = "",
    least: str = "",
    several: bool = False,
) -> None:
    """Fill a row of the table."""
    part = f"#id_row_{row}_"
    page.locator(f"{part}key").fill(key)
    page.locator(f"{part}holds").select_option(label=holds)
    page.locator(f"{part}need").select_option(label=need)
    page.locator(f"{part}allowed").fill(allowed)
    page.locator(f"{part}least").fill(least)
    if several:
        page.locator(f"{part}array").check()
