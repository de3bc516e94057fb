"""The home page."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from promo.clock import utc_now
from promo.ids import new_id
from promo.jobs.models import AsyncAction
from promo.tenancy.services.roles import create_role
from tests.admin_site import make_project, rows_of, sign_in, statements_of, text_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.webhooks import webhook as webhook_of
from tests.outbox import hear
from tests.redemptions.admin.checkout import buy, coupon, fail
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


def home(person):
    return person.client.get(reverse("admin:index"))


def worked(shop, status, now):
    return AsyncAction.objects.create(
        project=shop, type="CODES.GENERATE", status=status, created_at=now
    )


def sent(shop, status, now):
    webhook = shop.webhooks.first() or webhook_of(shop, "https://crm.example")
    return Delivery.objects.create(
        project=shop,
        webhook=webhook,
        event_id=new_id("ev_"),
        event_created_at=now,
        type="voucher.updated",
        status=status,
        due_at=now,
        created_at=now,
    )


def test_the_home_page_says_how_promotions_are_doing():
    shop = make_project(currency="EUR")
    now = utc_now()
    coupon(shop, "SAVE20", redemption_quantity=1, campaign_name="Spring")
    buy(shop, "SAVE20", now=now)
    fail(shop, "SAVE20", now=now)
    hear(now=now)

    context = home(sign_in(shop, "VIEWER")).context

    assert [(one.value, one.note) for one in context["summary"]] == [
        ("1", "0 scheduled"),
        ("1", "1 refused; 10.00 EUR given"),
        ("1", "10.00 EUR given"),
        ("50 %", "1 of 2 attempts; most often: All uses taken"),
    ]
    [top], [failure] = context["top_campaigns"], context["failures"]
    assert (top["name"], top["count"], top["discount"]) == ("Spring", "1", "10.00 EUR")
    assert (failure["reason"], failure["count"]) == ("All uses taken", "1")
    redeemed, refused = json.loads(context["chart"])["datasets"]
    assert (len(redeemed["data"]), redeemed["data"][-1]) == (30, 1)
    assert refused["data"][-1] == 1


def test_every_figure_leads_to_the_rows_behind_it():
    shop = make_project()
    now = utc_now()
    voucher = coupon(shop, "SAVE20", redemption_quantity=1)
    row = buy(shop, "SAVE20", now=now)
    refused = fail(shop, "SAVE20", now=now)
    hear(now=now)
    person = sign_in(shop, "VIEWER")
    context = home(person).context

    def behind(link):
        return rows_of(person.client.get(link))

    running, today, month, failed = (one.link for one in context["summary"])
    assert behind(running) == [voucher.campaign]
    assert behind(today) == behind(month) == [row]
    assert behind(failed) == behind(context["refused_link"]) == [refused]
    assert behind(context["top_campaigns"][0]["link"]) == [row]
    assert behind(context["failures"][0]["link"]) == [refused]


def test_what_begins_ends_or_has_failed_leads_to_its_rows():
    shop, now = make_project(), utc_now()
    starts = CampaignFactory(project=shop, start_date=now + timedelta(days=6))
    ends = CampaignFactory(project=shop, expiration_date=now + timedelta(days=6))
    for _ in range(2):
        CampaignFactory(
            project=shop,
            start_date=now + timedelta(days=8),
            expiration_date=now + timedelta(days=9),
        )
    job, sendout = worked(shop, "FAILED", now), sent(shop, "FAILED", now)
    worked(shop, "DONE", now), sent(shop, "SUCCEEDED", now)
    worked(shop, "FAILED", now - timedelta(days=31))
    person = sign_in(shop, "ADMIN")

    coming = home(person).context["coming"]

    assert [(one.name, one.value, one.tone) for one in coming] == [
        ("Starting within a week", "1", ""),
        ("Ending within a week", "1", ""),
        ("Background work that failed", "1", "bad"),
        ("Messages to webhooks that failed", "1", "bad"),
    ]
    behind = [rows_of(person.client.get(one.link)) for one in coming]
    assert behind == [[starts], [ends], [job], [sendout]]


def test_failures_are_shown_to_who_may_see_them_alone():
    role = create_role(
        project=(shop := make_project()),
        now=utc_now(),
        name="Reader",
        permissions=["campaigns.read", "redemptions.read"],
    )

    coming = home(sign_in(shop, role.pk, "reader@example.com")).context["coming"]

    assert [one.name for one in coming] == [
        "Starting within a week",
        "Ending within a week",
    ]


def test_a_campaign_says_what_it_gave_and_how_often_it_was_refused():
    shop = make_project(currency="EUR")
    voucher = coupon(shop, "SAVE20", redemption_quantity=2)
    buy(shop, "SAVE20")
    buy(shop, "SAVE20", order="o-2")
    refused = fail(shop, "SAVE20")
    hear(now=utc_now())
    person = sign_in(shop, "VIEWER")

    *_, given, failed = person.open(voucher.campaign).context["summary"]

    assert (given.value, given.note) == ("20.00 EUR", "10.00 EUR a redemption")
    assert (failed.value, rows_of(person.client.get(failed.link))) == ("1", [refused])


def test_an_empty_project_is_told_what_will_show():
    shown = text_of(home(sign_in(make_project(), "VIEWER")))

    assert "Nothing redeemed yet." in shown
    assert "No campaign has been used." in shown
    assert "Nothing was refused." in shown


def test_other_projects_do_not_count():
    other = make_project("Other")
    coupon(other)
    buy(other, "SAVE20", now=utc_now())
    hear(now=utc_now())

    context = home(sign_in(make_project(), "VIEWER")).context

    assert [one.value for one in context["summary"]] == ["0", "0", "0", "-"]


def test_the_home_page_costs_the_same_for_one_row_as_for_twenty():
    shop = make_project()
    person = sign_in(shop, "ADMIN")
    coupon(shop, "C0")
    buy(shop, "C0", now=utc_now())
    hear(now=utc_now())
    home(person)
    for_one = statements_of(lambda: home(person))

    for number in range(1, 20):
        coupon(shop, f"C{number}")
        buy(shop, f"C{number}", now=utc_now())
    hear(now=utc_now())

    assert statements_of(lambda: home(person)) == for_one <= 20
