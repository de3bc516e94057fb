"""The page on which a person sees and changes what is agreed to."""

import re

import pytest
from django.test import Client

from customers.models import ConsentChoice, Customer
from customers.services.customer import delete_customer
from customers.services.links import preference_address
from promo.tenancy.models import Project
from tests.factories.consents import ConsentFactory, ConsentGroupFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(project: Project) -> Customer:
    """Somebody with a page of their own."""
    made: Customer = CustomerFactory(project=project, source_id="ada", name="Ada <3")
    return made


def path_of(customer: Customer) -> str:
    address = preference_address(customer)
    return address[address.index("/preferences/") :]


def said(customer: Customer) -> dict[str, bool]:
    return dict(customer.consent_choices.values_list("consent__name", "given"))


def test_the_customer_names_the_page(api: ApiClient, ada: Customer) -> None:
    one = api.get("/v1/customers/ada").json()
    listed = api.get("/v1/customers").json()["customers"]

    page = one["assets"]["cockpit_preference_center_url"]
    assert page == preference_address(ada)
    assert one["assets"]["cockpit_url"] == page
    assert page.startswith("http://127.0.0.1:8000/preferences/")
    assert Client().get(path_of(ada)).status_code == 200
    assert "assets" not in listed[0]
    assert "assets" not in api.put("/v1/customers/ada", {"name": "Ada"}).json()


def test_the_page_shows_what_is_agreed_to(project: Project, ada: Customer) -> None:
    group = ConsentGroupFactory(project=project, name="Channels", description="How")
    mail = ConsentFactory(project=project, name="Mail", group=group)
    ConsentFactory(project=project, name="Other")
    ConsentChoice.objects.create(
        customer=ada, consent=mail, given=True, channel="API", changed_at=NOW
    )

    response = Client().get(path_of(ada))

    text = response.content.decode()
    ticked = re.findall(r'name="given" value="(\w+)" checked', text)
    assert response.status_code == 200
    assert "Hello Ada &lt;3." in text
    assert text.index("Channels") < text.index("Mail") < text.index("Other")
    assert '<meta name="viewport" content="width=device-width' in text
    assert ticked == [mail.pk]
    assert "no-store" in response.headers["Cache-Control"]
    assert "script-src" in response.headers["Content-Security-Policy"]


def test_ticks_are_kept(project: Project, ada: Customer) -> None:
    mail, calls, late = (
        ConsentFactory(project=project, name=name) for name in ("mail", "calls", "late")
    )
    client = Client()

    response = client.post(
        path_of(ada), {"asked": [mail.pk, calls.pk], "given": [mail.pk, late.pk]}
    )

    assert response.status_code == 302
    assert said(ada) == {"mail": True, "calls": False}
    assert {one.channel for one in ConsentChoice.objects.all()} == {"PREFERENCE_CENTER"}
    shown = client.get(response.headers["Location"]).content.decode()
    assert "Your choices are saved." in shown


def test_one_press_agrees_to_nothing(project: Project, ada: Customer) -> None:
    mail = ConsentFactory(project=project, name="mail")
    sent = {"asked": [mail.pk], "given": [mail.pk], "none": "1"}

    Client().post(path_of(ada), sent)

    assert said(ada) == {"mail": False}


def test_without_consents_the_page_says_so(ada: Customer) -> None:
    assert "nothing to choose" in Client().get(path_of(ada)).content.decode()


def test_another_projects_consents_are_not_asked_for(
    other_project: Project, ada: Customer
) -> None:
    theirs = ConsentFactory(project=other_project, name="Theirs")

    shown = Client().get(path_of(ada)).content.decode()
    Client().post(path_of(ada), {"asked": [theirs.pk], "given": [theirs.pk]})

    assert "Theirs" not in shown
    assert ConsentChoice.objects.count() == 0


def test_a_form_of_another_page_is_refused(project: Project, ada: Customer) -> None:
    mail = ConsentFactory(project=project)

    response = Client(enforce_csrf_checks=True).post(
        path_of(ada), {"asked": [mail.pk], "given": [mail.pk]}
    )

    assert response.status_code == 403
    assert ConsentChoice.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_gone_has_no_page(ada: Customer, method: str) -> None:
    path = path_of(ada)
    delete_customer(ada, now=NOW)

    assert getattr(Client(), method)(path).status_code == 404


def test_a_token_that_was_changed_opens_nothing(ada: Customer) -> None:
    path = path_of(ada)

    response = Client().get(path[:-3] + "xx/")

    assert response.status_code == 404
    assert "leads nowhere" in response.content.decode()
