"""One person asks for a campaign, another one looks at it and decides."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.admin.utils import quote
from playwright.sync_api import Browser, Page, expect

from promo.clock import utc_now
from promo.tenancy.models import Project, User
from promo.tenancy.permissions import BY_PERSON_ROLE, LIMITABLE
from promo.tenancy.services.people import assign_role, create_person
from promo.tenancy.services.roles import create_role
from tests.browser.conftest import PASSWORD
from tests.browser.pictures import DESK, PHONE, fits, on_a_dark_phone, picture
from tests.browser.test_barriers import barriers
from tests.factories.campaigns import GiftCardFactory

pytestmark = pytest.mark.django_db(transaction=True)
MAKER = "mia@example.com"


@pytest.fixture
def checker(shop: Project, page: Page) -> Page:
    """The dashboard of Anna, who decides on what Mia asks for."""
    anna = User.objects.get(email="anna@example.com")
    member = assign_role(user=anna, project=shop, role="ADMIN")
    role = create_role(
        project=shop,
        now=utc_now(),
        name="Junior",
        permissions=BY_PERSON_ROLE["USER"],
        limited=LIMITABLE,
        approvers=[member],
    )
    mia = create_person(email=MAKER, password=PASSWORD)
    assign_role(user=mia, project=shop, role=role.pk)
    return page


@contextmanager
def signed_in(browser: Browser, beside: Page, email: str) -> Iterator[Page]:
    """Yield the dashboard of somebody else, in a browser of their own."""
    base = beside.url.partition("/admin/")[0]
    context = browser.new_context(base_url=base, locale="en-GB", viewport=DESK)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/admin/")
    page.locator("#id_username").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")
    yield page
    context.close()


def ask_for_campaign(page: Page) -> None:
    page.goto("/admin/campaigns/campaign/add/")
    page.locator("#id_name").fill("Spring sale")
    page.locator("#id_percent_off").fill("25")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your request is sent").first).to_be_visible()


def look_at(page: Page, title: str, part: str, text: str) -> None:
    """Open what waits for somebody's decision, and read what would change."""
    page.goto("/admin/")
    page.get_by_role("link", name="Requests").first.click()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("row").filter(has_text=part)).to_contain_text(text)


def decide(page: Page, command: str, words: str) -> None:
    """Look at the campaign that is asked for, and decide."""
    look_at(page, "Create the campaign Spring sale", "Gives", "25 % off")
    picture(page, "approval")
    press(page, command, words)


def press(page: Page, command: str, words: str = "") -> None:
    """Open the dialog of a command by the keyboard, say something, and confirm."""
    page.get_by_role("link", name=command).press("Enter")
    form = page.locator("form", has=page.get_by_role("button", name=command))
    if words:
        form.locator("[name=text]").fill(words)
    form.get_by_role("button", name=command).press("Enter")


def test_an_approved_campaign_goes_live(browser: Browser, checker: Page, shop: Project):
    with signed_in(browser, checker, MAKER) as maker:
        ask_for_campaign(maker)
        expect(maker.get_by_role("link", name="Approve")).to_have_count(0)
        assert not shop.campaigns.exists()

        decide(checker, "Approve", "Nice")
        expect(checker.get_by_text("The request is approved").first).to_be_visible()

        maker.goto("/admin/campaigns/campaign/")
        row = maker.get_by_role("row").filter(has_text="Spring sale")
        expect(row).to_contain_text("Running")
    assert shop.campaigns.get().voucher["discount"]["percent_off"] == 25


def test_a_rejected_campaign_is_not_made_and_says_why(
    browser: Browser, checker: Page, shop: Project
):
    with signed_in(browser, checker, MAKER) as maker:
        ask_for_campaign(maker)

        decide(checker, "Reject", "We had one in March.")
        expect(checker.get_by_text("The request is rejected.").first).to_be_visible()

        on_a_dark_phone(maker)
        maker.reload()
        said = maker.get_by_text("We had one in March.")
        expect(said).to_be_visible()
        picture(maker, "approval-phone", at=maker.get_by_text("What was said"))
    assert not shop.campaigns.exists()
    assert not shop.vouchers.exists()


def test_a_large_balance_is_asked_for_looked_at_and_approved(
    browser: Browser, checker: Page, shop: Project
) -> None:
    shop.gift_adjustment_limit = 10_000
    shop.save()
    card = GiftCardFactory(project=shop, code="GIFT-50")
    member = create_person(email="tom@example.com", password=PASSWORD)
    assign_role(user=member, project=shop, role="USER")

    with signed_in(browser, checker, "tom@example.com") as page:
        page.goto(f"/admin/campaigns/voucher/{quote(card.pk)}/change/")
        page.locator("a[href*='change_balance']").first.click()
        dialog = page.locator("#dialog")
        dialog.locator("[name=amount]").fill("250")
        dialog.locator("[name=reason]").fill("The parcel was lost")
        dialog.get_by_role("button", name="Change the balance").click()
        expect(page.get_by_text("Your request is sent").first).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="Balance")).to_contain_text(
            "300.00 EUR"
        )

    look_at(checker, "Change the balance of GIFT-50", "Reason", "The parcel was lost")
    checker.set_viewport_size(PHONE)
    assert fits(checker)
    checker.set_viewport_size(DESK)
    press(checker, "Approve", "Fine")

    expect(checker.get_by_text("The request is approved").first).to_be_visible()
    card.refresh_from_db()
    assert card.balance == 30_000


def test_changes_are_asked_for_and_the_request_is_sent_again(
    browser: Browser, checker: Page, shop: Project
):
    with signed_in(browser, checker, MAKER) as maker:
        ask_for_campaign(maker)
        request = maker.url

        decide(checker, "Request changes", "Say until when.")
        expect(checker.get_by_text("goes back to its author").first).to_be_visible()
        expect(checker.get_by_role("link", name="Approve")).to_have_count(0)
        assert not shop.campaigns.exists()

        maker.goto(request)
        expect(maker.get_by_text("Say until when.")).to_be_visible()
        assert list(barriers(maker)) == []
        assert fits(maker)
        maker.set_viewport_size(DESK)
        press(maker, "Comment", "It has no end.")
        expect(maker.get_by_text("It has no end.")).to_be_visible()
        press(maker, "Send again")
        expect(maker.get_by_role("link", name="Send again")).to_have_count(0)

        decide(checker, "Approve", "Then so be it.")
        expect(checker.get_by_text("The request is approved").first).to_be_visible()
        expect(checker.get_by_text("It has no end.")).to_be_visible()
    assert shop.campaigns.get().voucher["discount"]["percent_off"] == 25
