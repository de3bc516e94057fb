"""A draft is moved in the calendar with the keyboard and with the mouse."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import CampaignDraft
from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.browser.pictures import PHONE, picture
from tests.redemptions.admin.checkout import coupon

pytestmark = pytest.mark.django_db(transaction=True)


def test_moving_a_draft(page: Page, shop: Project) -> None:
    now = utc_now()
    first = now.astimezone(shop.zone).date().replace(day=10)
    coupon(shop, "SPRING", campaign_name="Spring sale")
    draft = CampaignDraft.objects.create(
        project=shop,
        name="Summer sale",
        step="schedule",
        payload={
            "fields": {
                "start_date_0": [first.isoformat()],
                "expiration_date_0": [(first + timedelta(5)).isoformat()],
            }
        },
        created_at=now,
        updated_at=now,
    )

    def starts() -> date:
        draft.refresh_from_db()
        return date.fromisoformat(draft.payload["fields"]["start_date_0"][0])

    page.goto("/admin/calendar/")
    page.get_by_role("button", name="Summer sale: a day later").press("Enter")
    expect(page.get_by_text("Summer sale starts 1 day later.")).to_be_visible()
    assert starts() == first + timedelta(1)

    bar = page.locator(".promo-cal-draft")
    box = bar.bounding_box()
    lane = page.locator(".promo-cal-list .promo-cal-lane").last.bounding_box()
    assert box
    assert lane
    days = int(page.locator(".promo-cal").get_attribute("data-days") or 0)
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 5 + 3 * lane["width"] / days, box["y"] + 5, steps=4)
    page.mouse.up()
    expect(page.get_by_text("Summer sale starts 3 days later.")).to_be_visible()
    assert starts() == first + timedelta(4)
    picture(page, "calendar")

    page.get_by_role("button", name="Make a new address").click()
    expect(page.get_by_label("Address to subscribe to")).to_be_visible()
    page.set_viewport_size(PHONE)
    expect(page.locator(".promo-cal-draft")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
