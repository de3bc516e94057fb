"""The home page."""

import json

import pytest
from django.urls import reverse

from promo.clock import utc_now
from tests.admin_site import make_project, rows_of, sign_in, statements_of, text_of
from tests.outbox import hear
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db


def home(person):
    return person.client.get(reverse("admin:index"))


def test_the_home_page_says_how_promotions_are_doing():
    shop = make_project(currency="EUR")
    now = utc_now()
    coupon(shop, "SAVE20", redemption_quantity=1, campaign_name="Spring")
    buy(shop, "SAVE20", now=now)
    fail(shop, "SAVE20", now=now)
    hear(now=now)

    context = home(sign_in(shop, "VIEWER")).context

    assert [(one.value, one.note) for one in context["summary"]] == [
        ("1", "0 ending within a week, 0 scheduled"),
        ("1", "1 refused; 10.00 EUR given"),
        ("1", "10.00 EUR given"),
        ("50 %", "1 of 2 attempts"),
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
    person = sign_in(shop, "VIEWER")
    coupon(shop, "C0")
    buy(shop, "C0", now=utc_now())
    hear(now=utc_now())
    for_one = statements_of(lambda: home(person))

    for number in range(1, 20):
        coupon(shop, f"C{number}")
        buy(shop, f"C{number}", now=utc_now())
    hear(now=utc_now())

    assert statements_of(lambda: home(person)) == for_one
