"""Changing many codes from their list."""

from datetime import timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse

from campaigns.admin import change_codes
from campaigns.models import Voucher
from promo.clock import utc_now
from tests.admin_site import (
    make_project,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, CategoryFactory, VoucherFactory
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


def page(**query):
    address = reverse("admin:campaigns_voucher_change_codes")
    return address, query


def opened(person, **query):
    return person.client.get(*page(**query))


def sent(person, values, **query):
    address, _ = page()
    return person.client.post(address, values, query_params=query)


def test_all_that_a_list_shows_are_disabled_and_the_job_says_so():
    project = make_project()
    campaign = CampaignFactory(project=project, name="Spring")
    VoucherFactory(campaign=campaign, code="A")
    VoucherFactory(project=project, code="B")
    person = sign_in(project, "USER")

    shown = opened(person, campaign__id__exact=campaign.pk)
    done = sent(person, {"change": "disable"}, campaign__id__exact=campaign.pk)

    assert "1 code of the campaign Spring" in text_of(shown)
    off = Voucher.objects.filter(active=False).values_list("code", flat=True)
    assert list(off) == ["A"]
    action = project.async_actions.get()
    assert (action.type, action.status) == ("VOUCHERS.CHANGE_OF_MANY", "DONE")
    assert "All 1 rows were taken." in text_of(person.client.get(done.url))


def test_ticked_codes_lead_to_the_same_page():
    project = make_project()
    ticked = [VoucherFactory(project=project) for _ in range(2)]
    VoucherFactory(project=project)
    person = sign_in(project, "USER")

    led = person.run_on(ticked, "change_ticked")
    person.client.post(led.url, {"change": "disable"})

    assert set(parse_qs(urlparse(led.url).query)["ids"][0].split(",")) == {
        one.pk for one in ticked
    }
    assert set(project.vouchers.filter(active=False)) == set(ticked)


def test_more_than_a_few_have_to_be_confirmed(monkeypatch):
    monkeypatch.setattr(change_codes, "UNASKED", 1)
    project = make_project()
    for _ in range(2):
        VoucherFactory(project=project)
    person = sign_in(project, "USER")

    refused = sent(person, {"change": "disable"})

    assert "Confirm that you mean all of these codes." in text_of(refused)
    assert project.vouchers.filter(active=True).count() == 2
    assert project.async_actions.count() == 0
    sent(person, {"change": "disable", "sure": "on"})
    assert project.vouchers.filter(active=True).count() == 0


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"state": "Lost"},
        {"campaign__id__exact": "nonsense"},
        {"ids": "v_1,v_2"},
        {"created_at_from": "soon"},
    ],
)
def test_a_search_that_is_not_understood_changes_nothing(query):
    project = make_project()
    VoucherFactory(project=project)
    person = sign_in(project, "USER")

    refused = sent(person, {"change": "disable", "sure": "on"}, **query)

    assert refused.status_code == 400
    assert "is not understood" in text_of(refused)
    assert project.vouchers.get().active is True


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"change": "metadata", "metadata": "[]"}, "Name a key and a value"),
        ({"change": "metadata", "metadata": "{"}, "Enter a valid JSON."),
        ({"change": "expiration_date", "expiration_date_0": "x"}, "Enter a valid date"),
        ({"change": "explode"}, "Select a valid choice"),
    ],
)
def test_values_that_cannot_be_are_told_at_the_field(values, words):
    project = make_project()
    VoucherFactory(project=project)

    refused = sent(sign_in(project, "USER"), values)

    assert words in text_of(refused)
    assert project.async_actions.count() == 0


def test_the_list_and_the_change_mean_the_same_codes():
    project = make_project()
    campaign = CampaignFactory(project=project)
    category = CategoryFactory(project=project)
    holder = CustomerFactory(project=project)
    past = utc_now() - timedelta(days=2)
    VoucherFactory(campaign=campaign, code="ONE")
    VoucherFactory(project=project, code="TWO", expiration_date=past)
    VoucherFactory(project=project, code="TEN", category=category)
    VoucherFactory(project=project, code="SIX", holder=holder)
    VoucherFactory(
        project=project, code="ALL", redemption_quantity=1, redeemed_quantity=1
    )
    VoucherFactory(project=project, code="OFF", active=False)
    person = sign_in(project, "USER")
    queries = {
        "ONE": {"campaign__id__exact": campaign.pk},
        "TWO": {"state": "Ended"},
        "TEN": {"category__id__exact": category.pk},
        "SIX": {"holder__id__exact": holder.pk},
        "ALL": {"uses": "Used up"},
        "OFF": {"state": "Disabled"},
    }

    for code, query in queries.items():
        listed = [one.code for one in rows_of(person.list(Voucher, **query))]
        assert listed == [code]
        assert opened(person, **query).context["found"].examples == [code]


def test_the_list_says_where_codes_stand_in_words():
    project = make_project(timezone="UTC")
    paused = CampaignFactory(project=project, active=False)
    ended = utc_now() - timedelta(days=2)
    VoucherFactory(campaign=paused)
    VoucherFactory(project=project, expiration_date=ended)
    VoucherFactory(project=project, redemption_quantity=1, redeemed_quantity=1)

    shown = text_of(sign_in(project, "VIEWER").list(Voucher))

    assert "Paused by campaign" in shown
    assert f"Expired on {ended:%-d %b %Y}" in shown
    assert "Used up" in shown


def test_a_search_goes_by_code_and_on_from_page_to_page(monkeypatch):
    monkeypatch.setattr("campaigns.admin.voucher.VoucherAdmin.list_per_page", 2)
    project = make_project()
    for code in ("AB3", "AB1", "B1", "AB2"):
        VoucherFactory(project=project, code=code)
    person = sign_in(project, "VIEWER")

    first = person.list(Voucher, q="AB")
    second = person.client.get(
        reverse("admin:campaigns_voucher_changelist") + first.context["cl"].older
    )

    assert [one.code for one in rows_of(first)] == ["AB1", "AB2"]
    assert [one.code for one in rows_of(second)] == ["AB3"]
    assert ">Next</a>" in text_of(first)
    assert ">First</a>" in text_of(second)


def test_who_may_only_read_changes_nothing():
    project = make_project()
    VoucherFactory(project=project)
    person = sign_in(project, "VIEWER")

    assert opened(person).status_code == 403
    assert sent(person, {"change": "disable"}).status_code == 403
    assert "Change all of these" not in text_of(person.list(Voucher))
    assert project.vouchers.get().active is True


def test_codes_of_another_project_are_not_found():
    foreign = VoucherFactory(project=make_project("Other"))
    person = sign_in(make_project(), "USER")

    shown = sent(person, {"change": "disable"}, ids=foreign.pk)

    assert "the search finds none" in text_of(shown)
    foreign.refresh_from_db()
    assert foreign.active is True


def test_the_page_costs_the_same_for_many_codes():
    project = make_project()
    person = sign_in(project, "USER")
    VoucherFactory(project=project)
    for_one = statements_of(lambda: opened(person))

    for _ in range(19):
        VoucherFactory(project=project)

    assert statements_of(lambda: opened(person)) == for_one <= 20
