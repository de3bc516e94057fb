"""A customer looked at tab by tab, a balance put right, and somebody erased."""

import json

import pytest
from playwright.sync_api import Page, expect

from customers.models import Customer
from promo.clock import utc_now
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from tests.browser.test_codes import DESK, PHONE, fits
from tests.browser.test_redeeming import picture
from tests.factories.campaigns import CampaignFactory, GiftCardFactory, HolderFactory
from tests.factories.customers import CustomerFactory, SegmentFactory
from tests.redemptions.admin.checkout import buy, coupon

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(shop: Project) -> Customer:
    """Somebody in Paris who has bought, and has a card with 50.00 on it."""
    made: Customer = CustomerFactory(
        project=shop,
        source_id="ada",
        name="Ada Lovelace",
        email="ada@example.com",
        address={"city": "Paris"},
        created_at=utc_now(),
    )
    code = coupon(shop, "SAVE20", campaign_name="Spring sale")
    HolderFactory(voucher=code, customer=made)
    cards = CampaignFactory(project=shop, name="Gift cards")
    card = GiftCardFactory(
        project=shop, campaign=cards, code="GIFT-ADA", credited_amount=5_000
    )
    HolderFactory(voucher=card, customer=made)
    buy(
        shop,
        "SAVE20",
        order="2026-118",
        now=utc_now(),
        customer={"source_id": "ada"},
        items=[{"source_id": "mug", "quantity": 2, "price": 1000}],
    )
    paris = {"junction": "and", "address.city": {"conditions": {"$is": ["Paris"]}}}
    SegmentFactory(project=shop, name="Parisians", filter=paris)
    publish_batch(now=utc_now())
    return made


def open_customer(page: Page) -> None:
    page.goto("/admin/customers/customer/")
    page.get_by_role("link", name="Ada Lovelace").first.click()
    expect(page.locator(".promo-who h2")).to_have_text("Ada Lovelace")


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="About this customer").get_by_role(
        "link", name=name, exact=True
    ).click()
    expect(page.locator(".promo-views [aria-current]")).to_have_text(name)


def test_tabs_are_read_when_opened_and_kept_in_the_address(page: Page, ada: Customer):
    open_customer(page)
    expect(page.locator("#id_name")).to_be_visible()

    open_tab(page, "Segments")
    expect(page.get_by_text("City is Paris, needs to be Paris")).to_be_visible()
    expect(page.locator("#id_name")).to_be_hidden()
    page.reload()
    expect(page.get_by_text("City is Paris, needs to be Paris")).to_be_visible()

    open_tab(page, "Orders")
    expect(page.get_by_role("link", name="2026-118")).to_be_visible()
    open_tab(page, "Redemptions")
    expect(page.get_by_role("link", name="SAVE20")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="2026-118")).to_be_visible()
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.set_viewport_size(DESK)
    open_tab(page, "Profile")
    expect(page.locator("#id_name")).to_be_visible()


def test_tabs_go_by_the_keyboard(page: Page, ada: Customer):
    open_customer(page)

    page.locator("#tab-profile").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#tab-wallet")).to_have_attribute("aria-current", "page")
    expect(page.locator("#tab-wallet")).to_be_focused()
    expect(page.get_by_role("cell", name="50.00 EUR", exact=True)).to_be_visible()


def test_a_balance_is_put_right_from_the_wallet(page: Page, ada: Customer):
    open_customer(page)
    open_tab(page, "Wallet")
    picture(page, "customer")
    row = page.get_by_role("row").filter(has_text="GIFT-ADA").first

    row.get_by_role("link", name="Change").click()
    page.get_by_label("Amount").fill("-60")
    page.get_by_label("Reason").fill("Sent twice")
    page.get_by_role("button", name="Change a balance").click()
    expect(page.locator("#dialog")).to_contain_text("The balance of GIFT-ADA is 5000")
    page.get_by_label("Amount").fill("-12.50")
    page.get_by_role("button", name="Change a balance").click()

    expect(page.get_by_text("GIFT-ADA has 37.50 EUR now.")).to_be_visible()
    expect(row).to_contain_text("37.50 EUR")
    open_tab(page, "Points and credit")
    expect(page.get_by_role("row").filter(has_text="Sent twice")).to_contain_text(
        "-12.50 EUR"
    )


def test_everything_is_downloaded_and_the_customer_erased(page: Page, ada: Customer):
    open_customer(page)
    with page.expect_download() as caught:
        page.get_by_role("link", name="Download everything").click()
    found = json.loads(caught.value.path().read_text())
    assert found["profile"][0]["name"] == "Ada Lovelace"
    assert [one["source_id"] for one in found["orders"]] == ["2026-118"]

    page.locator("a[href*='erase']").first.click()
    name = page.get_by_label("Type “Ada Lovelace” to erase for good")
    name.fill("Ada")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Nothing has been erased.")).to_be_visible()
    assert Customer.objects.count() == 1
    name.fill("Ada Lovelace")
    page.get_by_role("button", name="Erase for good").click()

    expect(page.get_by_text("Ada Lovelace is erased.")).to_be_visible()
    assert not Customer.objects.exists()


def test_what_a_customer_can_use_on_a_cart(page: Page, ada: Customer):
    open_customer(page)
    page.get_by_role("link", name="What can they use on a cart?").click()
    expect(page.locator("#id_customer")).to_have_value(ada.pk)

    page.locator("#id_amount").fill("50")
    page.get_by_role("button", name="What could they use?").click()

    offer = page.locator("#offers tr").filter(has_text="SAVE20")
    expect(offer).to_contain_text("10.00 EUR")
    expect(offer).to_contain_text("40.00 EUR")
