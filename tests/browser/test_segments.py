"""Building a segment while its customers are shown, click by click."""

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.tenancy.models import Project
from tests.browser.pictures import picture
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


def people(shop: Project) -> None:
    """Add seven customers in Lyon, three of them with gold, and two elsewhere."""
    for number in range(9):
        CustomerFactory.create(
            project=shop,
            name=f"Name {number}",
            address={"city": "Lyon" if number < 7 else "Paris"},
            metadata={"level": "gold" if number < 3 else "silver"},
        )


def test_a_segment_is_built_while_its_customers_are_shown(page: Page, shop: Project):
    people(shop)
    page.goto("/admin/")
    page.get_by_role("link", name="Segments").click()
    expect(page.get_by_text("A segment is a group of customers")).to_be_visible()
    page.get_by_role("link", name="Add segment").click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Say who belongs in it.")

    page.get_by_label("Name").fill("Gold of Lyon")
    page.get_by_label("City").fill("Lyon")
    expect(preview).to_contain_text("7 of 9 customers")
    expect(preview).to_contain_text("The newest 5; 2 more fit.")
    page.get_by_label("Metadata key").fill("level")
    expect(preview).to_contain_text("Give both the key and its values.")
    page.get_by_label("Holds one of").fill("gold, platinum")
    expect(preview).to_contain_text("3 of 9 customers")
    shown = preview.get_by_role("link")
    expect(shown).to_have_text(["Name 2", "Name 1", "Name 0"])
    assert not shop.segments.exists()
    picture(page, "segment", at=page.get_by_label("City"))

    page.get_by_role("button", name="Save and continue editing").click()
    expect(preview).to_contain_text("3 of 9 customers")
    segment = shop.segments.get()
    assert segment.filter == {
        "junction": "and",
        "address.city": {"conditions": {"$is": ["Lyon"]}},
        "metadata.level": {"conditions": {"$in": ["gold", "platinum"]}},
    }
    run_step(shop.async_actions.get().pk, now=utc_now())
    assert segment.members.count() == 3

    page.get_by_label("City").fill("Paris")
    expect(preview).to_contain_text("0 of 9 customers")
    expect(preview).to_contain_text("Nobody fits at the moment.")
    page.get_by_role("link", name="Segments").first.click()
    row = page.get_by_role("row").filter(has_text="Gold of Lyon")
    expect(row).to_contain_text("3")


def test_a_pasted_list_names_whom_nobody_knows(page: Page, shop: Project):
    CustomerFactory.create(project=shop, source_id="ada", name="Ada")
    page.goto("/admin/customers/segment/add/")
    preview = page.locator("#preview")
    page.get_by_label("Kind").select_option("static")
    expect(page.get_by_label("City")).to_be_hidden()

    page.get_by_label("Customers").fill("ada\nbob")
    expect(preview).to_contain_text("Cannot find customer with id bob")
    page.get_by_label("Customers").fill("ada")

    expect(preview).to_contain_text("1 of 1 customer")
    expect(preview.get_by_role("link")).to_have_text(["Ada"])
