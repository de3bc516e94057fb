"""Who would be in a segment, shown while it is built."""

import json

import pytest
from django.urls import reverse

from promo.jobs.models import AsyncAction
from tests.admin_site import make_project, page_of, sign_in, text_of
from tests.factories.customers import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db
FIELDS = {"name": "", "type": "passive", "builder": "simple", "filter": "null"}
LEVEL = {"metadata_key": "level", "metadata_values": "gold, silver"}


@pytest.fixture
def anna():
    return sign_in(make_project(currency="EUR"), "USER")


def preview(person, **fields):
    address = reverse("admin:customers_segment_preview")
    return person.client.post(address, FIELDS | fields)


def test_the_fields_show_who_fits_before_anything_is_stored(anna):
    summary = CustomerFactory.build().summary
    summary["orders"] |= {"total_count": 3, "total_amount": 12_345}
    ada = CustomerFactory.create(
        project=anna.project,
        name="Ada",
        email="ada@example.com",
        address={"city": "Paris"},
        metadata={"level": "gold"},
        summary=summary,
    )
    CustomerFactory.create(project=anna.project, metadata={"level": "bronze"})

    shown = text_of(preview(anna, **LEVEL))

    assert '<span class="promo-figure promo-figure-small">1</span>' in shown
    assert "of 2 customers" in shown
    assert f'href="{page_of(ada)}" target="_blank">Ada</a>' in shown
    for cell in ("ada@example.com", "Paris", "3", "123.45 EUR"):
        assert f">{cell}</td>" in shown
    assert not anna.project.segments.exists()
    assert not AsyncAction.objects.exists()


def test_more_than_the_newest_are_counted(anna):
    CustomerFactory.create_batch(7, project=anna.project, metadata={"level": "gold"})

    shown = text_of(preview(anna, **LEVEL))

    assert "The newest 5; 2 more fit." in shown
    assert shown.count("<tr>") == 1 + 5


def test_nobody_fitting_is_shown_as_that(anna):
    CustomerFactory.create(project=anna.project)

    shown = text_of(preview(anna, **LEVEL))

    assert '<span class="promo-figure promo-figure-small">0</span>' in shown
    assert "of 1 customer<" in shown
    assert "Nobody fits at the moment." in shown


@pytest.mark.parametrize("kind", ["passive", "auto-update", "static"])
def test_fields_that_say_nothing_yet_ask_for_more(anna, kind):
    shown = text_of(preview(anna, type=kind))

    assert "Say who belongs in it." in shown


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (
            {"metadata_key": "level"},
            "Holds one of: Give both the key and its values.",
        ),
        ({"least_spent": "much"}, "Spent at least: Enter a number."),
        (
            {"builder": "json", "filter": json.dumps({"colour": {}})},
            "Property .filter",
        ),
        (
            {"type": "static", "customers": "nobody"},
            "Cannot find customer with id nobody",
        ),
    ],
)
def test_what_has_no_meaning_is_told(anna, fields, why):
    answer = preview(anna, **fields)

    assert answer.status_code == 200
    assert why in text_of(answer)


def test_a_list_is_shown_as_it_is_typed(anna):
    ada, eve, _ = CustomerFactory.create_batch(3, project=anna.project)

    shown = text_of(
        preview(anna, type="static", customers=f"{ada.pk}\n{eve.source_id}")
    )

    assert '<span class="promo-figure promo-figure-small">2</span>' in shown
    assert "of 3 customers" in shown


def test_customers_of_another_project_do_not_exist(anna):
    CustomerFactory.create(
        project=make_project("Other"), name="Eve", metadata={"level": "gold"}
    )

    shown = text_of(preview(anna, **LEVEL))

    assert "of 0 customers" in shown
    assert "Eve" not in shown


def test_only_pages_whose_filter_may_change_have_a_preview(anna):
    address = reverse("admin:customers_segment_preview")
    kinds = {"passive": True, "auto-update": False}
    for kind, has_one in kinds.items():
        segment = SegmentFactory(project=anna.project, type=kind)
        assert (address in text_of(anna.open(segment))) is has_one

    viewer = sign_in(anna.project, "VIEWER")
    assert address not in text_of(viewer.open(segment))
    assert preview(viewer, **LEVEL).status_code == 403


def test_who_is_not_signed_in_is_sent_to_do_so(anna, client):
    answer = client.post(reverse("admin:customers_segment_preview"), FIELDS)

    assert answer.status_code == 302
    assert "/admin/login/" in answer.headers["Location"]
