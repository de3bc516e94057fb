"""The search over everything: what it finds, for whom, and what it costs."""

import pytest
from django.test import Client
from django.urls import reverse

from promo.tenancy.services.people import assign_role
from tests.admin_site import make_project, page_of, sign_in, statements_of
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


def answer(person, term):
    return person.client.get(reverse("admin:search"), {"s": term, "extended": "1"})


def found(person, term):
    """Return what a search shows: where each row leads, by its title."""
    rows = answer(person, term).context["found"]
    return {row.title: row.link for row in rows}


def test_pages_and_actions_are_found_by_their_words():
    person = sign_in(make_project(), "ADMIN")

    assert found(person, "campaign build") == {
        "Build a campaign": reverse("campaign-builder")
    }
    assert found(person, "ADD cust") == {
        "Add customer": reverse("admin:customers_customer_add")
    }


def test_what_the_role_may_not_do_is_not_found():
    person = sign_in(make_project(), "VIEWER")

    assert found(person, "add customer") == {}
    assert found(person, "api keys") == {}


@pytest.mark.parametrize("term", ["sum", "SUMMER-1", "  summer-1 "])
def test_a_code_is_found_by_its_start_in_any_case(term):
    project = make_project()
    code = VoucherFactory(project=project, code="SUMMER-1")
    VoucherFactory(project=project, code="WINTER-1")

    assert found(sign_in(project, "ADMIN"), term) == {"SUMMER-1": page_of(code)}


def test_one_character_finds_no_codes_that_start_with_it():
    project = make_project()
    VoucherFactory(project=project, code="ZZZ")

    assert "ZZZ" not in found(sign_in(project, "ADMIN"), "Z")


@pytest.mark.parametrize("term", ["ada-1", "ADA@example.com", "ada lovelace"])
def test_a_customer_is_found_by_id_in_the_shop_address_or_name(term):
    project = make_project()
    ada = CustomerFactory(
        project=project, source_id="ada-1", email="Ada@Example.com", name="Ada Lovelace"
    )

    assert found(sign_in(project, "ADMIN"), term) == {"Ada Lovelace": page_of(ada)}


def test_a_campaign_is_found_by_part_of_its_name_or_its_id():
    project = make_project()
    campaign = CampaignFactory(project=project, name="Spring sale")
    person = sign_in(project, "ADMIN")

    assert found(person, "ing sa") == {"Spring sale": page_of(campaign)}
    assert found(person, campaign.pk) == {"Spring sale": page_of(campaign)}


def test_another_project_is_not_searched_nor_remembered():
    first, second = make_project("A shop"), make_project("B shop")
    VoucherFactory(project=first, code="SUMMER-1")
    person = sign_in(first, "ADMIN")
    assign_role(user=person.user, project=second, role="ADMIN")
    assert "SUMMER-1" in found(person, "summer")

    person.client.post(reverse("choose-project", args=[second.pk]))

    assert found(person, "summer") == {}


@pytest.mark.parametrize("term", ["%", "\0", "_x", "x" * 5000, "'\"<b>"])
def test_strange_terms_find_nothing(term):
    project = make_project()
    VoucherFactory(project=project, code="SUMMER-1")

    response = answer(sign_in(project, "ADMIN"), term)

    assert response.status_code == 200
    assert "SUMMER-1" not in response.content.decode()


def test_nothing_found_says_what_can_be_typed():
    response = answer(sign_in(make_project(), "ADMIN"), "nowhere")

    assert "the start of a code" in response.content.decode()


def test_a_stranger_is_sent_to_the_sign_in_page():
    response = Client().get(reverse("admin:search"), {"s": "a"})

    assert response.status_code == 302


def test_finding_twenty_costs_what_finding_one_does():
    project = make_project()
    person = sign_in(project, "ADMIN")
    VoucherFactory(project=project, code="MANY-0")
    for_one = statements_of(lambda: answer(person, "many"))
    for number in range(1, 20):
        VoucherFactory(project=project, code=f"MANY-{number}")

    assert statements_of(lambda: answer(person, "many")) == for_one <= 12
    assert len(found(person, "many")) == 5
