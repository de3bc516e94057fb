"""Inviting an analyst, who joins by the link, exports, and changes nothing."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from campaigns.models import Campaign
from campaigns.services.campaign import create_campaign
from promo.tenancy.models import Invitation, Membership, Project
from promo.tenancy.services.invitations import link_of
from promo.tenancy.services.people import assign_role
from redemptions.models import Export
from tests.admin_site import address

pytestmark = pytest.mark.django_db(transaction=True)
_NEW = "violet lantern harbour"


def _campaign(shop: Project) -> Campaign:
    return create_campaign(
        project=shop,
        now=timezone.localtime(),
        name="Spring",
        campaign_type="DISCOUNT_COUPONS",
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "PERCENT", "percent_off": 10},
        },
    )


def test_an_invited_analyst_exports_and_changes_nothing(
    browser: Browser, page: Page, shop: Project
) -> None:
    assign_role(user=Membership.objects.get().user, project=shop, role="ADMIN")
    _campaign(shop)
    page.goto(address(Membership, "changelist"))
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("ana@example.com")
    page.get_by_label("Role").select_option("ANALYST")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/invitation/")
    expect(page.locator("#result_list")).to_contain_text("ana@example.com")

    link = link_of(Invitation.objects.get()).partition("/admin/")[2]
    base = page.url.partition("/admin/")[0]
    context = browser.new_context(
        base_url=base, viewport={"width": 390, "height": 844}, locale="en-GB"
    )
    other = context.new_page()
    other.goto(f"/admin/{link}")
    expect(other.get_by_role("heading")).to_have_text("Join Shop")
    width = other.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    other.get_by_label("First name").fill("Ana")
    other.locator("#id_password").fill(_NEW)
    other.locator("#id_again").fill(_NEW)
    other.get_by_role("button", name="Join").click()
    other.wait_for_url("**/admin/")

    other.goto(address(Campaign, "changelist"))
    expect(other.locator("#result_list")).to_contain_text("Spring")
    assert other.get_by_role("link", name="Add campaign").count() == 0
    campaign = Campaign.objects.get()
    other.goto(address(Campaign, "change", campaign.pk.replace("_", "_5F")))
    assert other.locator("[name=_save]").count() == 0
    refused = other.goto(address(Campaign, "add"))
    assert refused is not None
    assert refused.status == 403

    other.goto(address(Export, "add"))
    other.get_by_role("button", name="Save", exact=True).click()
    other.wait_for_url(lambda url: not url.endswith("/add/"))
    context.close()

    assert Export.objects.count() == 1
    campaign.refresh_from_db()
    assert campaign.updated_at is None
    assert Campaign.objects.count() == 1
