"""Stopping all e-mails with one click of a mail program."""

import pytest
from django.test import Client

from customers.models import Consent, ConsentChoice, Customer
from customers.services.links import preference_address, unsubscribe_address_of
from promo.tenancy.models import Project
from tests.factories.consents import ConsentFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def ada(project: Project) -> Customer:
    made: Customer = CustomerFactory(project=project, source_id="ada")
    return made


def path_of(customer: Customer) -> str:
    address = unsubscribe_address_of(customer.pk)
    return address[address.index("/preferences/") :]


def said(customer: Customer) -> dict[str, bool]:
    return dict(customer.consent_choices.values_list("consent__name", "given"))


def test_one_click_says_no_to_every_consent_for_email(
    project: Project, ada: Customer
) -> None:
    news = ConsentFactory(project=project, name="News", category="EMAIL")
    ConsentFactory(project=project, name="Offers", category="EMAIL")
    ConsentFactory(project=project, name="Texts", category="SMS")
    ConsentChoice.objects.create(
        customer=ada, consent=news, given=True, channel="API", changed_at=NOW
    )

    response = Client(enforce_csrf_checks=True).post(path_of(ada), ONE_CLICK)

    assert response.status_code == 200
    assert said(ada) == {"News": False, "Offers": False}


def test_a_project_without_consents_keeps_the_no_all_the_same(
    project: Project, ada: Customer
) -> None:
    Client().post(path_of(ada), ONE_CLICK)
    Client().post(path_of(ada), ONE_CLICK)

    assert said(ada) == {"Messages by e-mail": False}
    assert Consent.objects.get().project == project


def test_looking_at_the_address_stops_nothing(project: Project, ada: Customer) -> None:
    ConsentFactory(project=project, category="EMAIL")

    response = Client().get(path_of(ada))

    assert response.status_code == 302
    assert response.headers["Location"] == preference_address(ada)
    assert said(ada) == {}


def test_an_address_that_somebody_made_up_is_nobodys(ada: Customer) -> None:
    response = Client().post(path_of(ada)[:-8] + "x/stop/", ONE_CLICK)

    assert response.status_code == 404
    assert said(ada) == {}
    assert Consent.objects.count() == 0
