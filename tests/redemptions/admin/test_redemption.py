"""The log of redemptions at the dashboard."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.timezone import localtime

from redemptions.models import Redemption
from tests.admin_site import (
    NOW,
    address,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.redemptions.admin.checkout import buy, coupon, fail

pytestmark = pytest.mark.django_db

_BIG = {
    "1": {
        "name": "order.amount",
        "property": None,
        "conditions": {"$more_than_or_equal": [10_000]},
    },
    "logic": "1",
}


@pytest.fixture
def shop():
    return make_project(currency="EUR")


@pytest.fixture
def recent():
    """A moment at which a redemption may still be rolled back."""
    from promo.clock import utc_now  # noqa: PLC0415 - the one place that reads it

    return utc_now() - timedelta(hours=1)


def steps_of(response):
    return [
        (step.passed, step.text)
        for told in response.context["told"]
        for step in told.steps
    ]


def test_the_page_shows_cart_arithmetic_and_decision(shop):
    coupon(shop)
    row = buy(shop, "SAVE20")

    response = sign_in(shop, "VIEWER").open(row)

    sums = [(one.name, one.amount) for one in response.context["cart"].sums]
    assert sums == [
        ("Amount", "50.00 EUR"),
        ("Discounts on the order", "-10.00 EUR"),
        ("To pay", "40.00 EUR"),
    ]
    assert response.context["refusal"] == ""
    assert steps_of(response) == [
        (True, "It exists."),
        (True, "It is enabled."),
        (True, "It is within its dates, days and hours."),
        (True, "It has uses left."),
        (True, "The discount comes to 10.00 EUR off the order."),
    ]


def test_the_page_of_a_refusal_says_what_was_found_and_what_had_to_be(shop):
    voucher = coupon(shop)
    rule = ValidationRuleFactory(project=shop, name="From 100", rules=_BIG)
    AssignmentFactory(project=shop, rule=rule, related_object_id=voucher.campaign.pk)
    row = fail(shop, "SAVE20")

    response = sign_in(shop, "VIEWER").open(row)

    assert response.context["refusal"] == "Order does not match the rule"
    assert steps_of(response)[-2:] == [
        (False, "“From 100”, the campaign's rule, does not hold."),
        (False, "Order amount was 50.00 EUR, needs at least 100.00 EUR."),
    ]
    assert (
        "SAVE20 was refused: order amount was 50.00 EUR, needs at least 100.00 EUR."
    ) in text_of(response)


def test_a_parent_and_its_parts_lead_to_each_other(shop):
    coupon(shop, "SAVE20")
    coupon(shop, "MORE20")
    parent = buy(shop, "SAVE20", "MORE20")
    person = sign_in(shop, "VIEWER")

    family = person.open(parent).context["family"]

    assert [(one["how"], one["what"]) for one in family] == [
        ("Part", "SAVE20"),
        ("Part", "MORE20"),
    ]
    child = parent.children.first()
    page = person.open(child)
    [back] = page.context["family"]
    assert "is rolled back as a whole" in text_of(page)
    assert (back["how"], back["id"]) == ("Part of", parent.shown_id)


def test_pages_are_titled_in_words_by_the_clock_of_the_project(shop):
    coupon(shop)
    tier = TierFactory(project=shop, name="Ten for all")
    done = buy(shop, "SAVE20", now=NOW)
    several = buy(shop, "SAVE20", tiers=[tier.pk], now=NOW)
    of_tier = several.children.get(promotion_tier=tier)
    coupon(shop, "USED", active=False)
    refused = fail(shop, "USED", now=NOW)
    person = sign_in(shop, "USER")
    at = date_format(localtime(NOW, shop.zone), "j M Y, H:i")

    titles = {
        f"Redemption of SAVE20, {at}": done,
        f"Redemption of several offers, {at}": several,
        f"Redemption of Ten for all, {at}": of_tier,
        f"Refused redemption of USED, {at}": refused,
    }

    for title, row in titles.items():
        page = person.open(row)
        assert page.context["subtitle"] == title
        assert escape(title) in text_of(page)
        assert f"<title>{row.shown_id}" not in text_of(page)


def test_a_title_reads_nothing_more(shop, django_assert_num_queries):
    tier = TierFactory(project=shop)
    buy(shop, tiers=[tier.pk], order="order-of-a-tier")
    [row] = Redemption.objects.all()

    with django_assert_num_queries(0):
        assert str(row).startswith("Redemption of a promotion, ")


def test_a_tier_in_the_decision_goes_by_its_name(shop):
    tier = TierFactory(project=shop, name="Ten for all")
    coupon(shop)
    row = buy(shop, "SAVE20", tiers=[tier.pk])

    told = sign_in(shop, "VIEWER").open(row).context["told"]

    assert [one.name for one in told] == ["SAVE20", "Ten for all"]


def test_rolling_back_gives_the_use_back_and_keeps_the_reason(shop, recent):
    voucher = coupon(shop, redemption_quantity=1)
    row = buy(shop, "SAVE20", now=recent)
    person = sign_in(shop, "USER")

    response = person.run(row, "roll_back", reason="Sent back")

    voucher.refresh_from_db()
    rollback = Redemption.objects.get(object="redemption_rollback")
    assert response.status_code == 302
    assert messages_of(response) == ["Rolled back: 10.00 EUR taken back."]
    assert voucher.redeemed_quantity == 0
    assert (rollback.reason, rollback.original) == ("Sent back", row)


def test_the_page_says_who_rolled_back(shop, recent):
    coupon(shop)
    row = buy(shop, "SAVE20", now=recent)
    person = sign_in(shop, "USER", "anna@example.com")
    person.run(row, "roll_back", reason="Sent back")
    rollback = Redemption.objects.get(object="redemption_rollback")

    page = text_of(person.open(rollback))

    assert rollback.channel_id == person.user.pk
    assert "Dashboard anna@example.com" in page


def test_rolling_back_needs_a_reason(shop, recent):
    coupon(shop)
    row = buy(shop, "SAVE20", now=recent)

    response = sign_in(shop, "USER").run(row, "roll_back", reason="")

    row.refresh_from_db()
    assert response.status_code == 200
    assert row.status == "SUCCEEDED"


def test_rolling_back_twice_shows_why_not_inside_the_dialog(shop, recent):
    coupon(shop)
    row = buy(shop, "SAVE20", now=recent)
    person = sign_in(shop, "USER")
    person.run(row, "roll_back", reason="Sent back")

    response = person.run(row, "roll_back", reason="Again")

    assert response.status_code == 200
    assert "Redemption has been already rolled back." in text_of(response)
    assert Redemption.objects.filter(object="redemption_rollback").count() == 2
    assert "roll_back" not in text_of(person.open(row))


@pytest.mark.parametrize("role", ["VIEWER", "MERCHANT"])
def test_who_may_only_read_cannot_roll_back_or_change(shop, role, recent):
    coupon(shop)
    row = buy(shop, "SAVE20", now=recent)
    person = sign_in(shop, role)

    assert person.open(row).status_code == 200
    assert person.run(row, "roll_back", reason="x").status_code == 403
    assert person.change(row, status="FAILED").status_code == 403
    assert person.delete(row).status_code == 403
    row.refresh_from_db()
    assert row.status == "SUCCEEDED"


def test_redemptions_of_another_project_do_not_exist(shop):
    other = make_project("Other")
    coupon(other)
    foreign = buy(other, "SAVE20")
    person = sign_in(shop, "USER")

    assert rows_of(person.list(Redemption)) == []
    assert rows_of(person.list(Redemption, q=foreign.shown_id)) == []
    assert person.open(foreign).status_code == 302
    assert person.run(foreign, "roll_back", reason="x").status_code == 404
    assert "SAVE20" not in exported(person)


def test_the_log_is_filtered_by_what_a_marketer_asks(shop):
    saved = coupon(shop, "SAVE20", redemption_quantity=1)
    coupon(shop, "MORE20")
    first = buy(shop, "SAVE20", customer={"source_id": "ada"})
    second = buy(shop, "MORE20", now=NOW + timedelta(days=1))
    refused = fail(shop, "SAVE20", now=NOW + timedelta(hours=1))
    person = sign_in(shop, "VIEWER")

    def found(**query):
        return set(rows_of(person.list(Redemption, **query)))

    ada = shop.customers.get(source_id="ada")
    assert found(outcome="Succeeded") == {first, second}
    assert found(outcome="Refused") == {refused}
    assert found(reason="quantity_exceeded") == {refused}
    assert found(campaign__id__exact=saved.campaign.pk) == {first, refused}
    assert found(voucher__id__exact=saved.pk) == {first, refused}
    assert found(customer__id__exact=ada.pk) == {first, refused}
    assert found(created_at_from="2026-03-11") == {second}


def test_the_log_is_filtered_by_tier_and_by_what_was_undone(shop, recent):
    tier = TierFactory(project=shop, name="Ten for all")
    coupon(shop)
    parent = buy(shop, "SAVE20", tiers=[tier.pk], now=recent)
    person = sign_in(shop, "USER")
    person.run(parent, "roll_back", reason="Sent back")

    def found(**query):
        return set(rows_of(person.list(Redemption, **query)))

    undoing = set(Redemption.objects.filter(object="redemption_rollback"))
    of_tier = set(Redemption.objects.filter(promotion_tier=tier))
    assert found(promotion_tier__id__exact=tier.pk) == of_tier
    assert found(outcome="Rolled back") == {parent, *parent.children.all()}
    assert found(outcome="Rollback") == undoing
    assert found(outcome="Failed rollback") == set()


def test_the_log_finds_codes_orders_customers_and_ids(shop):
    coupon(shop, "SAVE20")
    coupon(shop, "MORE20")
    row = buy(shop, "SAVE20", customer={"source_id": "ada", "email": "a@example.com"})
    buy(shop, "MORE20")
    person = sign_in(shop, "VIEWER")

    for term in ("SAVE", "order-SAVE20", "ada", "A@example.com", row.shown_id):
        assert rows_of(person.list(Redemption, q=term)) == [row]


def test_listing_costs_the_same_for_one_row_as_for_twenty(shop):
    person = sign_in(shop, "VIEWER")
    coupon(shop, "C0")
    buy(shop, "C0")
    for_one = statements_of(lambda: person.list(Redemption))
    for_found = statements_of(lambda: person.list(Redemption, q="C"))

    for number in range(1, 20):
        coupon(shop, f"C{number}")
        buy(shop, f"C{number}", customer={"source_id": f"c-{number}"})

    assert statements_of(lambda: person.list(Redemption)) == for_one
    assert statements_of(lambda: person.list(Redemption, q="C")) == for_found


def exported(person, **query):
    response = person.client.get(address(Redemption, "export"), query)
    assert response.streaming
    return b"".join(response.streaming_content).decode()


def test_the_file_has_what_the_list_shows_under_its_filters():
    shop = make_project(currency="EUR", timezone="Europe/Paris")
    coupon(shop, "SAVE20", redemption_quantity=1, campaign_name="=cmd|' /C calc'!A0")
    at = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    row = buy(shop, "SAVE20", now=at, customer={"source_id": "ada", "name": "+Ada"})
    fail(shop, "SAVE20", now=at)
    person = sign_in(shop, "VIEWER")

    header, line, *rest = exported(person, outcome="Succeeded").splitlines()

    ada = shop.customers.get(source_id="ada")
    assert header.startswith("\ufeffId,Time,Result,Code,")
    assert line == (
        f"{row.shown_id},2026-03-11 00:30:00+01:00,Succeeded,SAVE20,,"
        f"'=cmd|' /C calc'!A0,{ada.pk},'+Ada,,order-SAVE20,50.00,10.00,0.00,EUR,,,"
        f"{row.tracking_id},API"
    )
    assert rest == []


def test_the_file_costs_the_same_for_one_row_as_for_twenty(shop):
    person = sign_in(shop, "VIEWER")
    coupon(shop, "C0")
    buy(shop, "C0")
    for_one = statements_of(lambda: exported(person))

    for number in range(1, 20):
        coupon(shop, f"C{number}")
        buy(shop, f"C{number}")

    assert statements_of(lambda: exported(person)) == for_one


def test_who_may_not_export_gets_no_file(shop):
    response = sign_in(shop, "MERCHANT").client.get(address(Redemption, "export"))

    assert response.status_code == 403
