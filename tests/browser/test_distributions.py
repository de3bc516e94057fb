"""A distribution, step by step: built, looked at, activated, seen to arrive."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from campaigns.models import PoolType
from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.browser.pictures import picture
from tests.factories.campaigns import CampaignFactory
from tests.factories.customers import CustomerFactory
from tests.factories.distributions import order_event, tell
from webhooks.services.distributions.sending import send_due

pytestmark = pytest.mark.django_db(transaction=True)


def send(now: datetime) -> None:
    send_due(clock=lambda: now, at_most=timedelta(minutes=1))


def run_command(page: Page, name: str) -> None:
    """Confirm the dialog of a command."""
    page.get_by_role("link", name=name).click()
    form = page.locator("form", has=page.get_by_role("button", name=name))
    form.get_by_role("button", name=name).last.click()


def choose(page: Page, field: str, name: str) -> None:
    """Choose by name in a list with a search of its own."""
    page.locator(f"#id_{field} + .select2").click()
    page.locator(".select2-search__field").fill(name)
    page.locator(".select2-results__option", has_text=name).click()


def test_a_code_by_email_two_days_after_an_order_was_paid(
    page: Page, shop: Project
) -> None:
    ada = CustomerFactory.create(
        project=shop, name="Ada", email="ada@example.com", source_id="ada"
    )
    CampaignFactory.create(project=shop, name="Winter", type=PoolType.AUTO_UPDATE)
    page.goto("/admin/webhooks/distribution/add/")
    page.locator("#id_name").fill("Thank you")
    page.locator("#id_occasion").select_option("customer.order.paid")
    page.locator("#id_action").select_option("PUBLISH_CODES")
    choose(page, "campaign", "Winter")
    page.get_by_label("Subject (en)").fill("A code for {{customer.name}}")
    page.get_by_label("Text (en)").fill("Use {{voucher.code}} next time.")
    page.locator("#id_delay").select_option("AFTER")
    page.locator("#id_delay_value").fill("2")
    page.locator("#id_max_per_customer").fill("1")

    expect(page.locator("#sentence")).to_have_text(
        "Two days after an order is paid, e-mail the customer a code from 'Winter', "
        "at most once per customer."
    )
    shown = page.get_by_role("region", name="EMAIL")
    expect(shown).to_contain_text("A code for Ada")
    email = shown.frame_locator("iframe").locator("body")
    expect(email).to_contain_text("Use PREVIEW-CODE next time.")
    picture(page, "distribution", at=page.locator("h1"))
    shown.scroll_into_view_if_needed()
    expect(email).to_contain_text("Use PREVIEW-CODE next time.")
    picture(page, "distribution-preview")
    page.get_by_role("button", name="Save and continue editing").click()
    run_command(page, "Activate")
    expect(page.get_by_text("It runs from now on.")).to_be_visible()

    paid = utc_now()
    tell(shop, order_event(ada), now=paid)
    send(paid + timedelta(days=1, hours=23))
    assert mail.outbox == []
    send(paid + timedelta(days=2, minutes=1))

    (sent,) = mail.outbox
    code = shop.vouchers.get().code
    assert (sent.to, sent.subject) == (["ada@example.com"], "A code for Ada")
    assert f"Use {code} next time." in sent.body
    page.goto("/admin/webhooks/distribution/")
    page.get_by_role("link", name="Thank you").click()
    page.get_by_role("link", name="Sent 1 0 waiting").click()
    expect(page.get_by_role("row").filter(has_text="Ada")).to_contain_text("E-mail")
    picture(page, "distribution-sent")


def test_an_email_in_two_languages_is_written_and_looked_at(
    page: Page, shop: Project
) -> None:
    CustomerFactory.create(
        project=shop,
        name="Bea",
        email="bea@example.com",
        phone="+49 170 1234567",
        source_id="bea",
        metadata={"locale": "de-AT"},
    )
    page.goto("/admin/webhooks/distribution/add/")
    page.locator("#id_name").fill("Hello")
    page.locator("#id_occasion").select_option("customer.order.paid")
    page.locator("#id_action").select_option("MESSAGE")
    page.get_by_label("Subject (en)").fill("Hello {{customer.name}}")
    page.get_by_label("Text (en)").fill("Thanks for {{order.amount as money}}")
    page.get_by_label("Another language").first.fill("de")
    page.get_by_role("button", name="Add a language").first.click()
    page.get_by_label("Subject (de)").fill("Hallo {{customer.name}}")
    page.get_by_label("Text (de)").fill("Danke")
    page.locator("label[for=id_by_sms]").click()
    page.get_by_label("Text message (en)").fill("Thanks {{customer.name}}!")
    page.locator("label[for=id_by_webhook]").click()
    page.locator("#id_target_url").fill("https://shop.example/hook")
    page.locator("#id_payload").fill('{"who": "{{customer.name}}", "o": {{order.no}}}')

    email = page.get_by_role("region", name="EMAIL")
    expect(email).to_contain_text("Hallo Bea")
    sms = page.get_by_role("region", name="SMS")
    expect(sms).to_contain_text("Thanks Bea!")
    expect(sms).to_contain_text("To +491701234567, en")
    hook = page.get_by_role("region", name="WEBHOOK")
    expect(hook).to_contain_text('"who": "Bea"')
    expect(hook).to_contain_text('"o": null')
    page.set_viewport_size({"width": 390, "height": 844})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 390
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/distribution/")

    channels = {each["type"]: each for each in shop.distributions.get().channels}
    assert sorted(channels) == ["EMAIL", "SMS", "WEBHOOK"]
    assert sorted(channels["EMAIL"]["content"]["languages"]) == ["de", "en"]
