"""Labels of codes, ready to be printed."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from campaigns.admin import print_codes
from tests.admin_site import make_project, sign_in, statements_of, text_of
from tests.factories.campaigns import CampaignFactory, VoucherFactory

pytestmark = pytest.mark.django_db


def sheet(person, **query):
    return person.client.get(reverse("admin:campaigns_voucher_print_codes"), query)


def test_a_label_has_the_code_its_picture_the_offer_and_the_end():
    project = make_project(timezone="UTC")
    campaign = CampaignFactory(project=project, name="Spring")
    end = datetime(2031, 5, 1, tzinfo=UTC)
    VoucherFactory(campaign=campaign, code="A-1", expiration_date=end)
    VoucherFactory(project=project, code="B-1")

    shown = sheet(sign_in(project, "VIEWER"), campaign__id__exact=campaign.pk)

    [[label]] = shown.context["pages"]
    assert (label.code, label.offer, label.ends) == (
        "A-1",
        "10 % off",
        "Until 1 May 2031",
    )
    assert label.qr.startswith("<svg")
    assert "1 label: codes of the campaign Spring." in text_of(shown)


def test_what_is_not_chosen_is_left_out():
    project = make_project()
    VoucherFactory(project=project, code="A-1")

    shown = sheet(sign_in(project, "VIEWER"), layout="2x7", shown="offer")

    [[label]] = shown.context["pages"]
    assert (label.qr, bool(label.offer), label.ends) == ("", True, "")
    assert shown.context["layout"].count == 14


@pytest.mark.parametrize("query", [{}, {"q": "A-"}])
def test_pages_are_filled_one_after_the_other_and_a_link_leads_to_the_next(
    monkeypatch, query
):
    monkeypatch.setattr(print_codes, "PAGES", 1)
    project = make_project()
    codes = [f"A-{number:02}" for number in range(26)]
    for code in codes:
        VoucherFactory(project=project, code=code)
    person = sign_in(project, "VIEWER")

    first = sheet(person, **query)
    after = parse_qs(first.context["next"].removeprefix("?"))
    second = sheet(person, **{name: value for name, [value] in after.items()})

    pages = [*first.context["pages"], *second.context["pages"]]
    assert [len(page) for page in pages] == [24, 2]
    assert sorted(label.code for page in pages for label in page) == codes
    assert "More follow: print these pages first." in text_of(first)
    assert "next" not in second.context
    assert statements_of(lambda: sheet(person)) <= 10


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"layout": "9x9"}, 200, "Select a valid choice"),
        ({"layout": "3x8", "shown": "price"}, 200, "Select a valid choice"),
        ({"colour": "red"}, 400, "is not understood"),
    ],
)
def test_what_cannot_be_is_told(query, status, words):
    project = make_project()
    VoucherFactory(project=project, code="A-1")

    shown = sheet(sign_in(project, "VIEWER"), **query)

    assert shown.status_code == status
    assert words in text_of(shown)
    assert "A-1" not in text_of(shown)


def test_codes_of_another_project_are_not_printed():
    foreign = VoucherFactory(project=make_project("Other"), code="FOREIGN")

    shown = sheet(sign_in(make_project(), "VIEWER"), ids=foreign.pk)

    assert shown.context["pages"] == []
