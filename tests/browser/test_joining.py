"""Inviting an analyst, who joins by the link, exports, and changes nothing."""

import csv
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from campaigns.models import Campaign, Voucher
from campaigns.services.campaign import create_campaign
from promo.clock import utc_now
from promo.tenancy.models import Invitation, Membership, Project
from promo.tenancy.services.invitations import link_of
from promo.tenancy.services.people import assign_role
from redemptions.models import Export
from redemptions.services.export_run import run_export
from tests.admin_site import address, page_of
from tests.browser.pictures import DESK, PHONE, fits, picture
from tests.factories.campaigns import VoucherFactory

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
    VoucherFactory(campaign=_campaign(shop), code="SPRING-1")
    page.goto(address(Membership, "changelist"))
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("ana@example.com")
    page.get_by_label("Role").select_option("ANALYST")
    picture(page, "invite")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/invitation/")
    expect(page.locator("#result_list")).to_contain_text("ana@example.com")

    link = link_of(Invitation.objects.get()).partition("/admin/")[2]
    base = page.url.partition("/admin/")[0]
    context = browser.new_context(base_url=base, viewport=PHONE, locale="en-GB")
    other = context.new_page()
    other.goto(f"/admin/{link}")
    expect(other.get_by_role("heading")).to_have_text("Join Shop")
    assert fits(other)
    picture(other, "join-phone")
    other.get_by_label("First name").fill("Ana")
    other.locator("#id_password").fill(_NEW)
    other.locator("#id_again").fill(_NEW)
    other.get_by_role("button", name="Join").click()
    other.wait_for_url("**/admin/")

    other.set_viewport_size(DESK)
    _changes_nothing(other)
    exported = _exports(other)
    context.close()

    assert [row["Code"] for row in exported] == ["SPRING-1"]
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.updated_at) == ("Spring", None)
    voucher = shop.vouchers.get()
    assert (voucher.active, voucher.updated_at) == (True, None)


def _changes_nothing(page: Page) -> None:
    """Look at a campaign and its code: no screen offers a change, or lets one in."""
    campaign, voucher = Campaign.objects.get(), Voucher.objects.get()
    page.goto(address(Campaign, "changelist"))
    expect(page.locator("#result_list")).to_contain_text("Spring")
    expect(page.get_by_role("link", name="Add campaign")).to_have_count(0)
    expect(page.get_by_role("link", name="Build a campaign")).to_have_count(0)
    for one in (campaign, voucher):
        page.goto(page_of(one))
        expect(page.locator("[name=_save], [name=_delete]")).to_have_count(0)
        for command in ("Disable", "Generate codes", "Import codes"):
            expect(page.get_by_role("link", name=command)).to_have_count(0)
    page.goto(page_of(campaign))
    picture(page, "analyst")
    for closed in (address(Campaign, "add"), "/admin/campaign-builder/"):
        refused = page.goto(closed)
        assert refused is not None
        assert refused.status == 403
    token = next(
        each["value"] for each in page.context.cookies() if "csrf" in each["name"]
    )
    forged = page.request.post(
        page_of(campaign),
        form={"name": "Mine", "csrfmiddlewaretoken": token},
        headers={"Referer": page.url},
    )
    assert forged.status == 403


def _exports(page: Page) -> list[dict[str, str]]:
    """Have a file of the codes made; return the rows that are downloaded."""
    page.goto("/admin/")
    page.get_by_role("link", name="download Exports", exact=True).click()
    page.get_by_role("link", name="Add export").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/add/"))
    export = Export.objects.get()
    while run_export(export.pk, now=utc_now()):
        pass
    page.goto(address(Export, "changelist"))
    expect(page.get_by_role("row").last).to_contain_text("1 row")
    picture(page, "exports")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").last.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return [*csv.DictReader(text.splitlines())]
