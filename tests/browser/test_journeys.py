"""What a marketer does at the dashboard, click by click."""

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.jobs.models import AsyncAction
from promo.tenancy.models import Project
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from tests.browser.pictures import DESK, picture
from tests.outbox import hear
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db(transaction=True)


def figure(page: Page, name: str):
    card = page.locator(".promo-card", has_text=name).first
    return card.locator(".promo-figure")


def in_dialog(page: Page, command: str):
    """Open the dialog of a command; return its form."""
    page.get_by_role("link", name=command).click()
    form = page.locator("form", has=page.get_by_role("button", name=command))
    expect(form).to_be_visible()
    return form


def test_adding_a_coupon_campaign_and_giving_it_more_codes(page: Page, shop: Project):
    page.goto("/admin/campaigns/campaign/add/")
    page.locator("#id_name").fill("Spring sale")
    page.locator("#id_kind").select_option("AMOUNT")
    expect(page.locator("#id_percent_off")).to_be_hidden()
    page.locator("#id_amount_off").fill("7.50")
    page.locator("#id_vouchers_count").fill("20")
    page.locator("#id_pattern").fill("SPRING-######")
    page.locator("#id_expiration_date_0").fill("2030-04-30")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(figure(page, "Status")).to_have_text("Running")
    last = page.locator("#header-inner ul a").last.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= DESK["width"]
    picture(page, "campaign")
    campaign = shop.campaigns.get()
    assert campaign.voucher["discount"]["amount_off"] == 750
    assert campaign.expiration_date.isoformat() == "2030-04-30T21:59:59+00:00"

    form = in_dialog(page, "Generate codes")
    form.locator("[name=count]").fill("10")
    form.get_by_role("button", name="Generate codes").click()

    expect(page.get_by_text("10 codes are being made.")).to_be_visible()
    counts = AsyncAction.objects.order_by("created_at").values_list("arguments__count")
    assert [count for (count,) in counts] == [20, 10]


def test_a_promotion_asks_for_no_codes(page: Page, shop: Project):
    page.goto("/admin/campaigns/campaign/add/")
    page.locator("#id_campaign_type").select_option("PROMOTION")

    for field in ("codes", "vouchers_count", "pattern", "code", "quantity"):
        expect(page.locator(f"#id_{field}")).to_be_hidden()

    page.locator("#id_name").fill("Ten for all")
    page.locator("#id_percent_off").fill("10")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("link", name="Ten for all").first).to_be_visible()
    assert shop.promotion_tiers.get().action["discount"]["percent_off"] == 10


def test_from_a_figure_at_home_to_why_a_code_was_refused(page: Page, shop: Project):
    now = utc_now()
    coupon(shop, "SAVE20", redemption_quantity=1)
    buy(shop, "SAVE20", now=now)
    fail(shop, "SAVE20", now=now)
    hear(now=now)

    page.goto("/admin/")
    expect(page.locator("canvas.chart")).to_be_visible()
    page.get_by_role("link", name="All uses taken", exact=True).click()
    page.locator("#result_list tbody tr a").first.click()

    expect(page.get_by_text("all its uses are taken: 1 of 1.").first).to_be_visible()


def test_rolling_a_redemption_back_with_a_reason(page: Page, shop: Project):
    voucher = coupon(shop, "SAVE20", redemption_quantity=1)
    buy(shop, "SAVE20", now=utc_now())

    page.goto("/admin/redemptions/redemption/")
    page.locator("#result_list tbody tr a").first.click()
    form = in_dialog(page, "Roll back")
    form.locator("[name=reason]").fill("Sent back")
    form.get_by_role("button", name="Roll back").click()

    expect(page.get_by_text("Rolled back: 10.00 EUR taken back.")).to_be_visible()
    picture(page, "rolled-back")
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 0


def test_returning_a_mug_of_an_order_and_paying_back_what_it_cost(
    page: Page, shop: Project
):
    coupon(shop, "SAVE20")
    cart = [
        {"source_id": "mug", "product": {"name": "Mug"}, "quantity": 2, "price": 1000},
        {"source_id": "tea", "product": {"name": "Tea"}, "quantity": 1, "price": 500},
    ]
    request = CheckoutRequest(
        redeemables=(RedeemableRef("voucher", "SAVE20"),),
        order={"source_id": "order-1", "items": cart},
    )
    redeem(project=shop, request=request, now=utc_now())

    page.goto("/admin/redemptions/order/")
    page.locator("#result_list tbody tr a").first.click()
    form = in_dialog(page, "Return units")
    form.get_by_label("Mug, 2 left").fill("1")
    form.locator("[name=reason]").fill("Arrived broken")
    form.get_by_role("button", name="Return units").click()

    expect(page.get_by_text("Returned: 8.00 EUR to pay back.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Arrived broken")
    expect(row).to_contain_text("1 × Mug")  # noqa: RUF001 - a times sign
    expect(row).to_contain_text("8.00 EUR")
    assert shop.orders.get().returned_amount == 800
