"""The page of reports: figures, tables, files, and who may read them."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from promo.outbox.relay import publish_batch
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from tests.admin_site import make_project, rows_of, sign_in, statements_of, text_of
from tests.factories.promotions import TierFactory
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MARCH = {"period": "dates", "since": "2026-03-01", "until": "2026-03-31"}


def told():
    while publish_batch(now=NOON):
        pass


def page(person, **query):
    return person.client.get(reverse("reports"), {**MARCH, **query})


def file_of(person, table, **query):
    address = reverse("report-file", args=(table,))
    response = person.client.get(address, {**MARCH, **query})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [*csv.reader(text.splitlines())]


def cards(response):
    return {one.name: (one.value, one.note) for one in response.context["summary"]}


def busy(shop):
    """One redemption, one that is rolled back, one refused; one in the days before."""
    coupon(shop, "ONE", campaign_name="Spring")
    coupon(shop, "TWO", campaign_name="Autumn", redemption_quantity=1)
    buy(shop, "ONE", now=NOON, customer={"source_id": "ada"})
    undone = buy(shop, "ONE", now=NOON, order="o-2", customer={"source_id": "bob"})
    buy(shop, "TWO", now=NOON, order="o-3", customer={"source_id": "ada"})
    fail(shop, "TWO", now=NOON, order="o-4")
    buy(shop, "ONE", now=NOON - timedelta(days=20), order="o-5")
    roll_back_redemption(
        project=shop,
        reference=undone.shown_id,
        request=RollbackRequest(),
        stacked=False,
        now=NOON,
    )
    told()
    return shop


def test_a_report_says_what_the_days_came_to_beside_those_before():
    shop = busy(make_project(currency="EUR"))

    shown = page(sign_in(shop, "VIEWER"))

    assert cards(shown) == {
        "Redemptions": ("2", "+100 %, 1 before"),
        "Customers": ("1", "None before"),
        "Discount given": ("20.00 EUR", "+100 %, 10.00 EUR before"),
        "Revenue with discount": ("80.00 EUR", "+100 %, 40.00 EUR before"),
        "Average order": ("40.00 EUR", "2 orders; 40.00 EUR before"),
        "Refused": ("1", "25 % of 4 attempts; 0 % before"),
        "Rolled back": ("1", "None before"),
    }
    uses = json.loads(shown.context["uses"])
    assert len(uses["labels"]) == 31
    assert uses["labels"][9] == "10 Mar"
    assert [one["data"][9] for one in uses["datasets"]] == [2, 1, 1]


def test_figures_lead_to_the_rows_behind_them():
    shop = busy(make_project())
    person = sign_in(shop, "VIEWER")
    shown = page(person)
    links = {one.name: one.link for one in shown.context["summary"]}

    counts = {
        name: len(rows_of(person.client.get(link)))
        for name, link in links.items()
        if link
    }
    [reason] = shown.context["tables"][0].rows

    assert counts == {"Redemptions": 2, "Refused": 1, "Rolled back": 1}
    assert reason["cells"][0][0] == "All uses taken"
    [refused] = rows_of(person.client.get(reason["link"]))
    assert refused.failure_code == "quantity_exceeded"


def test_a_campaign_has_figures_of_its_own():
    shop = busy(make_project())
    autumn = shop.campaigns.get(name="Autumn")

    shown = page(sign_in(shop, "VIEWER"), campaign=autumn.pk)

    assert cards(shown)["Redemptions"] == ("1", "None before")
    assert cards(shown)["Refused"][0] == "1"
    assert [one.table.name for one in shown.context["wide_tables"]] == ["channels"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("reasons", [["Reason", "Attempts"], ["All uses taken", "1"]]),
        (
            "codes",
            [
                ["Code or tier", "What", "Redemptions", "Discount given (EUR)"],
                ["ONE", "Code", "1", "10.00"],
                ["TWO", "Code", "1", "10.00"],
            ],
        ),
        ("products", [["Product", "Orders", "Units"]]),
    ],
)
def test_every_table_is_a_file_with_the_same_rows(table, expected):
    shop = busy(make_project(currency="EUR"))
    person = sign_in(shop, "VIEWER")

    found = file_of(person, table)

    assert found == expected
    on_page = next(
        one for one in page(person).context["tables"] if one.table.name == table
    )
    assert [row["cells"][0][0] for row in on_page.rows] == [row[0] for row in found[1:]]


def test_the_file_of_campaigns_adds_up_to_the_page():
    shop = busy(make_project(currency="EUR"))

    head, *rows = file_of(sign_in(shop, "VIEWER"), "campaigns")

    assert head[:4] == ["Campaign", "Redemptions", "Rolled back", "Refused"]
    assert sorted(rows) == [
        ["Autumn", "1", "0", "1", "10.00", "1", "40.00", "40.00"],
        ["Spring", "1", "1", "0", "10.00", "1", "40.00", "40.00"],
    ]


def test_names_that_would_be_formulas_are_text_in_a_file():
    shop = make_project()
    coupon(shop, "=ONE", campaign_name="=1+1")
    buy(shop, "=ONE", now=NOON)
    told()
    person = sign_in(shop, "VIEWER")

    assert file_of(person, "campaigns")[1][0] == "'=1+1"
    assert file_of(person, "codes")[1][0] == "'=ONE"


@pytest.mark.parametrize(
    ("step", "hours"), [("hour", 25), ("day", 1), ("week", 1), ("month", 1)]
)
def test_the_night_in_which_an_hour_comes_twice_has_25_hours(step, hours):
    shop = make_project(timezone="Europe/Paris")
    coupon(shop, "ONE")
    # Half past two comes twice: at 00:30 and at 01:30 of UTC.
    for hour, order in ((0, "a"), (1, "b"), (1, "c"), (22, "d")):
        at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        buy(shop, "ONE", now=at, order=order)
    buy(shop, "ONE", now=datetime(2026, 10, 25, 23, 0, tzinfo=UTC), order="next")
    told()

    day = {"since": "2026-10-25", "until": "2026-10-25", "step": step}
    head, *rows = file_of(sign_in(shop, "VIEWER"), "time", **day)

    uses = [int(row[head.index("Redemptions")]) for row in rows]
    assert (len(rows), sum(uses)) == (hours, 4)
    if step == "hour":
        assert [(row[0][-5:], n) for row, n in zip(rows, uses, strict=True) if n] == [
            ("02:00", 1),
            ("02:00", 2),
            ("23:00", 1),
        ]


def test_weeks_begin_as_the_project_says_and_customers_count_once_in_each():
    shop = make_project(week_starts_on=0)
    coupon(shop, "ONE")
    for day, order in ((7, "a"), (8, "b"), (10, "c")):
        buy(
            shop,
            "ONE",
            now=NOON.replace(day=day),
            order=order,
            customer={"source_id": "ada"},
        )
    told()

    head, *rows = file_of(sign_in(shop, "VIEWER"), "time", step="week")

    assert head[:3] == ["Week from", "Customers", "Redemptions"]
    assert [row[:3] for row in rows[:2]] == [
        ["2026-03-01", "1", "1"],
        ["2026-03-08", "1", "2"],
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"since": "2026-03-31", "until": "2026-03-01"}, "before the first one"),
        ({"since": "2001-01-01"}, "five years at most"),
        ({"step": "hour", "since": "2026-01-01"}, "31 days at most"),
        ({"since": "no day"}, "Enter a valid date"),
        ({"since": ""}, "Say the first day."),
        ({"campaign": "camp_0"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_asked_is_said_and_the_usual_days_are_shown(query, message):
    shown = page(sign_in(make_project(), "VIEWER"), **query)

    assert shown.status_code == 200
    assert message in text_of(shown)
    assert shown.context["asked"].days.count == 30


@pytest.mark.parametrize(
    "period", ["", "today", "last_week", "this_year", "last_90_days"]
)
def test_named_periods_are_shown(period):
    shown = page(sign_in(make_project(), "VIEWER"), period=period)

    assert shown.status_code == 200
    assert "As of" in text_of(shown)


def test_another_projects_figures_and_campaigns_do_not_exist():
    other = busy(make_project("Other"))
    campaign = other.campaigns.get(name="Spring")

    shown = page(sign_in(make_project(), "VIEWER"), campaign=campaign.pk)

    assert cards(shown)["Redemptions"] == ("0", "None before either")
    assert "Spring" not in text_of(shown)
    assert "Select a valid choice" in text_of(shown)


@pytest.mark.parametrize("name", ["reports", "report-file"])
def test_only_who_may_read_redemptions_reads_reports(name):
    shop = make_project()
    address = reverse(name, args=("time",) if name == "report-file" else ())
    stranger = sign_in(make_project("Other"), "VIEWER", email="eve@example.com")
    stranger.user.memberships.all().delete()

    assert Client().get(address).status_code == 302
    assert stranger.client.get(address).status_code in {302, 403}
    assert sign_in(shop, "VIEWER").client.get(address).status_code == 200


def test_there_is_no_other_table():
    person = sign_in(make_project(), "VIEWER")

    assert person.client.get(reverse("report-file", args=("other",))).status_code == 404


def test_a_report_costs_the_same_for_one_row_as_for_twenty():
    shop = make_project()
    person = sign_in(shop, "VIEWER")
    everything(shop, person, 0)
    for_one = statements_of(lambda: page(person))

    for number in range(1, 20):
        everything(shop, person, number)

    assert statements_of(lambda: page(person)) == for_one
    assert for_one <= 20


def everything(shop, person, number):
    """Fill every table: a code, a tier, a product, a person, a key, a refusal."""
    coupon(shop, f"C{number}", redemption_quantity=1)
    tier = TierFactory(project=shop, name=f"Tier {number}")
    item = {"source_id": f"mug-{number}", "quantity": 2, "price": 500}
    for offers in (
        RedeemableRef("voucher", f"C{number}"),
        RedeemableRef("promotion_tier", tier.pk),
    ):
        request = CheckoutRequest(
            redeemables=(offers,),
            order={"items": [item]},
            customer={"source_id": f"c{number}"},
        )
        redeem(project=shop, request=request, now=NOON)
    fail(shop, f"C{number}", now=NOON)
    shop.redemptions.filter(promotion_tier=tier).update(channel_id=person.user.pk)
    told()
