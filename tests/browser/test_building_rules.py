"""Somebody builds a rule of groups in groups, is refused, and puts it right."""

import pytest
from playwright.sync_api import Page, expect

from promo.tenancy.models import Project
from tests.browser.pictures import PHONE, on_a_dark_phone, picture
from tests.factories.catalogue import CollectionFactory

pytestmark = pytest.mark.django_db(transaction=True)


def add(page: Page, group: str, focused: str) -> None:
    """Press the button of a group by keyboard, and wait for the new condition."""
    page.locator(f"#{group}").press("Enter")
    expect(page.locator(f"#name-{focused}")).to_be_focused()


def choose(page: Page, field: str, value: str, shown: str) -> None:
    page.locator(f"#{field}").select_option(value)
    expect(page.locator(f"#{shown}")).to_be_visible()


def test_three_groups_in_each_other_by_keyboard(page: Page, shop: Project):
    CollectionFactory(project=shop, name="Shoes")
    page.goto("/admin/campaigns/validationrule/")
    page.get_by_role("link", name="Build a rule").click()
    page.locator("#rule-name").fill("Big basket, or a good customer in shoes")

    add(page, "add-root", "n1")
    page.locator("#value-n1-0").fill("fifty")
    expect(page.locator("#problem-n1-0")).to_have_text("Type an amount, such as 50.00.")
    page.locator("#value-n1-0").fill("50")
    expect(page.locator("#rule-sentence")).to_have_text(
        "Order amount needs at least 50.00 EUR."
    )
    add(page, "add-group-root", "n3")
    choose(page, "name-n3", "customer.metadata", "property-n3")
    page.locator("#property-n3").fill("level")
    page.locator("#property-n3").press("Tab")
    page.locator("#value-n3-0").fill("gold")
    add(page, "add-group-n2", "n5")
    choose(page, "name-n5", "order.items.any", "find-n5-0")
    page.locator("#find-n5-0").fill("sho")
    page.get_by_role("button", name="Shoes").press("Enter")
    expect(page.locator(".promo-chip")).to_contain_text("Shoes")
    page.locator("#up-n2").press("Enter")
    expect(page.locator("#rule-sentence")).to_have_text(
        "(either customer's level needs gold, or of the items at least one must be in "
        "the collection Shoes), and order amount needs at least 50.00 EUR."
    )
    picture(page, "rule")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("is saved").first).to_be_visible()
    rule = shop.validation_rules.get()
    assert rule.rules["logic"] == "(1 or 2) and 3"
    assert [rule.rules[key]["name"] for key in "123"] == [
        "customer.metadata",
        "order.items.any",
        "order.amount",
    ]


def test_an_incomplete_rule_is_refused_and_fixed(page: Page, shop: Project):
    page.goto("/admin/rule-builder/")
    add(page, "add-root", "n1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Some conditions are not complete"
    )
    expect(page.locator("#rule-name-problem")).to_be_visible()
    assert shop.validation_rules.count() == 0
    picture(page, "rule-refused")

    page.locator("#rule-name").fill("From ten")
    page.locator("#value-n1-0").fill("10")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("is saved").first).to_be_visible()
    assert shop.validation_rules.get().rules["1"]["conditions"] == {
        "$more_than_or_equal": [1000]
    }


def test_json_goes_both_ways(page: Page, shop: Project):
    page.goto("/admin/rule-builder/")
    page.get_by_text("As JSON").click()
    page.locator("#rule-json").fill(
        '{"1": {"name": "order.items.count", "conditions": {"$more_than": [2]}}}'
    )
    page.get_by_role("button", name="Take this over").click()
    expect(page.locator("#value-n1-0")).to_have_value("2")

    page.locator("#value-n1-0").fill("3")
    expect(page.locator("#rule-json")).to_have_value(
        '{\n  "1": {\n    "name": "order.items.count",\n    "property": null,\n'
        '    "conditions": {\n      "$more_than": [\n        3\n      ]\n    }\n  },\n'
        '  "logic": "1"\n}'
    )


def test_the_builder_fits_a_phone_in_the_dark(page: Page, shop: Project):
    on_a_dark_phone(page)
    page.goto("/admin/rule-builder/")
    for focused in ("n1", "n2"):
        add(page, "add-root", focused)
    add(page, "add-group-root", "n4")

    width = page.evaluate("document.documentElement.scrollWidth")
    picture(page, "rule-phone")

    assert width == PHONE["width"]
