"""A webhook, click by click: created, tested, seen to fail, sent again."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from promo.clock import utc_now
from promo.tenancy.models import Project, User
from promo.tenancy.services.people import assign_role
from tests.browser.pictures import picture
from tests.fixtures.receiver import Receiver
from webhooks.models import Delivery, Status
from webhooks.services.delivering import deliver_due

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator(shop: Project, page: Page) -> Page:
    anna = User.objects.get(email="anna@example.com")
    assign_role(user=anna, project=shop, role="ADMIN")
    return page


def deliver() -> None:
    deliver_due(clock=utc_now, at_most=timedelta(minutes=1))


def test_a_webhook_is_tested_and_a_failed_sendout_goes_out_again(
    administrator: Page, shop: Project, receiver: Receiver
) -> None:
    page = administrator
    receiver.status = 500
    page.goto("/admin/webhooks/webhook/add/")
    page.locator("#id_target_url").fill(f"{receiver.url}/switch")
    page.get_by_label("campaign.created").check()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("Failures in a row")).to_be_visible()

    page.get_by_role("link", name="Send a test").click()
    dialog = page.locator("form", has=page.locator("[name=event]")).last
    dialog.locator("[name=event]").select_option("campaign.created")
    dialog.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test is on its way.")).to_be_visible()
    deliver()

    page.reload()
    page.get_by_role("link", name="campaign.created").click()
    expect(page.get_by_text("500 switched")).to_be_visible()
    picture(page, "delivery")
    receiver.status = 200
    page.get_by_role("link", name="Send again").click()
    page.get_by_role("button", name="Send again").last.click()
    page.wait_for_url("**/change/")
    deliver()
    page.reload()

    expect(page.get_by_text("200 switched")).to_be_visible()
    assert shop.webhooks.get().events == ["campaign.created"]
    assert Delivery.objects.get().status == Status.SUCCEEDED
