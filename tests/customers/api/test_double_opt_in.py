"""A person from a browser is a customer once the address is confirmed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from customers.models import Customer, UnconfirmedCustomer
from customers.models.customer import empty_loyalty, empty_summary
from customers.services import confirmation_mail
from customers.services.confirmation import KEPT, confirm, sweep_unconfirmed
from customers.services.links import confirmation_address
from promo.errors import PromoError
from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project
from tests.factories.consents import UnconfirmedFactory
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient
from tests.outbox import events_of
from tests.races import at_once

pytestmark = pytest.mark.django_db
PATH = "/client/v1/customers"
ASKED = {"X_Voucherify_Double_Opt_In": "true"}
ADA = {"source_id": "ada", "name": "Ada", "email": "ada@example.com"}


@pytest.fixture
def page(browser: ApiClient) -> ApiClient:
    """A web page whose project lets it make customers."""
    browser.project.client_create_customer_enabled = True
    browser.project.save()
    return browser


@pytest.fixture
def at_noon() -> Iterator[Any]:
    """A clock that stands still."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def link() -> str:
    """Send what waits; return the address in the newest e-mail."""
    confirmation_mail.send_confirmations(now=NOW)
    text = str(mail.outbox[-1].body)
    start = text.index("http")
    return text[start : text.index("\n", start)].strip()


def path_of(address: str) -> str:
    return address[address.index("/confirm/") :]


def test_a_pending_person_is_no_customer(page: ApiClient, at_noon: Any) -> None:
    answer = page.post(PATH, ADA, **ASKED)

    pending = UnconfirmedCustomer.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "summary": empty_summary(),
        "email": "ada@example.com",
        "loyalty": empty_loyalty(),
        "object": "unconfirmed_customer",
    }
    assert pending.pk.startswith("ucust_")
    assert pending.expires_at == NOW + KEPT
    assert Customer.objects.count() == 0
    assert events_of(page.project) == []


@pytest.mark.parametrize("value", ["false", "", "1"])
def test_without_asking_a_customer_is_made_at_once(page: ApiClient, value: str) -> None:
    answer = page.post(PATH, ADA, X_Voucherify_Double_Opt_In=value)

    assert answer.json()["object"] == "customer"
    assert UnconfirmedCustomer.objects.count() == 0


def test_the_server_side_does_not_ask(api: ApiClient) -> None:
    answer = api.post("/v1/customers", ADA, **ASKED)

    assert answer.json()["object"] == "customer"
    assert UnconfirmedCustomer.objects.count() == 0


def test_the_link_in_the_mail_makes_the_customer(page: ApiClient, at_noon: Any) -> None:
    sent = {**ADA, "birthdate": "1990-12-10", "metadata": {"level": 1}}
    page.post(PATH, sent, **ASKED)
    address = link()

    looked = Client().get(path_of(address))
    nobody = Customer.objects.count()
    done = Client().post(path_of(address))

    ada, pending = Customer.objects.get(), UnconfirmedCustomer.objects.get()
    confirmed = DomainEvent.objects.get(type="customer.confirmed")
    assert address.startswith("http://127.0.0.1:8000/confirm/")
    assert looked.status_code == 200
    assert "Confirm my address" in looked.content.decode()
    assert nobody == 0
    assert done.status_code == 200
    assert "Your address is confirmed" in done.content.decode()
    assert (ada.source_id, ada.name, ada.email) == ("ada", "Ada", "ada@example.com")
    assert str(ada.birthdate) == "1990-12-10"
    assert ada.metadata == {"level": 1}
    assert (pending.customer, pending.email, pending.profile) == (ada, "", {})
    assert events_of(page.project) == ["customer.created", "customer.confirmed"]
    assert confirmed.customer_id == confirmed.payload["customer"]["id"] == ada.pk
    assert confirmed.payload["unconfirmed_customer"] == {"id": pending.pk}


def test_the_mail_says_from_whom_and_what(page: ApiClient, at_noon: Any) -> None:
    page.project.name = "Tea\nShop"
    page.project.save()
    page.post(PATH, ADA, **ASKED)

    address = link()

    [message] = mail.outbox
    assert message.to == ["ada@example.com"]
    assert message.subject == "Please confirm your address for Tea Shop"
    assert message.from_email == "Promo <promo@localhost>"
    assert address in str(message.body)
    html = message.alternatives[0][0]  # type: ignore[attr-defined]  # of this class
    assert f'href="{address}"' in html


def test_confirming_twice_makes_one_customer(page: ApiClient, at_noon: Any) -> None:
    page.post(PATH, {"email": "ada@example.com"}, **ASKED)
    path = path_of(link())

    first, second = Client().post(path), Client().post(path)
    looked = Client().get(path)

    assert first.status_code == second.status_code == looked.status_code == 200
    assert "Your address is confirmed" in second.content.decode()
    assert Customer.objects.count() == 1
    assert events_of(page.project).count("customer.confirmed") == 1


@pytest.mark.django_db(transaction=True)
def test_confirming_at_once_makes_one_customer() -> None:
    pending = UnconfirmedFactory(expires_at=NOW + timedelta(days=1))

    made = at_once(*[lambda: confirm(pending, now=NOW).pk] * 6)

    assert len(made) == 6
    assert len(set(made)) == 1
    assert Customer.objects.count() == 1
    assert events_of(pending.project).count("customer.confirmed") == 1


@pytest.mark.django_db(transaction=True)
def test_asking_at_once_keeps_one_person(page: ApiClient) -> None:
    def ask() -> int:
        status: int = page.post(PATH, ADA, **ASKED).status_code
        return status

    assert at_once(*[ask] * 6) == [200] * 6
    assert UnconfirmedCustomer.objects.count() == 1


def test_confirming_updates_whom_the_source_id_names(
    page: ApiClient, at_noon: Any
) -> None:
    known = CustomerFactory(project=page.project, source_id="ada", phone="1")
    page.post(PATH, ADA, **ASKED)

    Client().post(path_of(link()))

    known.refresh_from_db()
    assert (known.name, known.phone) == ("Ada", "1")
    assert Customer.objects.count() == 1


def test_an_old_link_leads_nowhere(page: ApiClient, at_noon: Any) -> None:
    page.post(PATH, ADA, **ASKED)
    path = path_of(link())

    at_noon.move_to(NOW + KEPT)
    looked, pressed = Client().get(path), Client().post(path)

    assert (looked.status_code, pressed.status_code) == (404, 404)
    assert "leads nowhere" in pressed.content.decode()
    assert Customer.objects.count() == 0


@pytest.mark.parametrize("token", ["nonsense", "IngiOnB:1x:abc"])
def test_a_link_that_nobody_signed_leads_nowhere(token: str) -> None:
    assert Client().get(f"/confirm/{token}/").status_code == 404
    assert Client().post(f"/confirm/{token}/").status_code == 404


def test_a_token_of_another_page_confirms_nothing(
    page: ApiClient, at_noon: Any
) -> None:
    pending = UnconfirmedFactory(project=page.project)
    token = confirmation_address(pending).split("/")[-2]

    assert Client().get(f"/preferences/{token}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "key", "details"),
    [
        ({}, "invalid_payload", "Payload must have required property 'email'"),
        (
            {"email": None},
            "invalid_payload",
            "Payload must have required property 'email'",
        ),
        (
            {"email": "ada"},
            "invalid_payload",
            "Property .email must be an e-mail address",
        ),
        (
            {"email": "ada@example.com\nBcc: eve@example.com"},
            "invalid_payload",
            "Property .email must be an e-mail address",
        ),
        (
            {**ADA, "birthdate": "soon"},
            "invalid_payload",
            "Property .birthdate cannot be recognized as a ISO-8601 compliant date",
        ),
    ],
)
def test_what_cannot_be_confirmed_is_refused(
    page: ApiClient, body: dict[str, Any], key: str, details: str
) -> None:
    answer = page.post(PATH, body, **ASKED)

    assert answer.status_code == 400
    assert answer.json()["key"] == key
    assert answer.json()["details"] == details
    assert UnconfirmedCustomer.objects.count() == 0


def test_metadata_that_the_schema_forbids_are_refused_before_the_mail(
    page: ApiClient,
) -> None:
    define(page.project, "customer", level={"type": "number"})

    answer = page.post(PATH, {**ADA, "metadata": {"level": "high"}}, **ASKED)

    assert answer.json()["key"] == "metadata_validation_failed"
    assert UnconfirmedCustomer.objects.count() == 0


def test_the_switch_guards_it(browser: ApiClient) -> None:
    answer = browser.post(PATH, ADA, **ASKED)

    assert answer.status_code == 403
    assert UnconfirmedCustomer.objects.count() == 0


def test_asking_again_replaces_what_was_sent_and_mails_no_more(
    page: ApiClient, at_noon: Any
) -> None:
    page.post(PATH, ADA, **ASKED)
    first = link()
    at_noon.shift(timedelta(minutes=59))
    page.post(PATH, {**ADA, "name": "Ada L.", "email": "ADA@example.com"}, **ASKED)

    confirmation_mail.send_confirmations(now=NOW + timedelta(minutes=59))

    assert len(mail.outbox) == 1
    Client().post(path_of(first))
    assert Customer.objects.get().name == "Ada L."


def test_after_an_hour_the_link_is_sent_again(page: ApiClient, at_noon: Any) -> None:
    page.post(PATH, ADA, **ASKED)
    first = link()
    at_noon.shift(timedelta(minutes=61))
    page.post(PATH, ADA, **ASKED)

    assert path_of(link()) == path_of(first)
    assert len(mail.outbox) == 2


def test_a_mail_that_cannot_be_sent_is_tried_again(
    page: ApiClient, at_noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.post(PATH, ADA, **ASKED)

    def away(*_: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", away)
        assert confirmation_mail.send_confirmations(now=NOW) == 0
    too_soon = confirmation_mail.send_confirmations(now=NOW + timedelta(minutes=1))
    later = confirmation_mail.send_confirmations(now=NOW + confirmation_mail.CLAIM)
    again = confirmation_mail.send_confirmations(now=NOW + 2 * confirmation_mail.CLAIM)

    assert (too_soon, later, again) == (0, 1, 0)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_mail_once() -> None:
    UnconfirmedFactory.create_batch(10)

    sent = at_once(*[lambda: confirmation_mail.send_confirmations(now=NOW)] * 4)

    assert sum(sent) == len(mail.outbox) == 10


def test_who_has_not_confirmed_in_time_is_forgotten() -> None:
    late, soon = UnconfirmedFactory(), UnconfirmedFactory(created_at=NOW + KEPT)

    assert sweep_unconfirmed(NOW + timedelta(days=1)) == 1

    assert [one.pk for one in UnconfirmedCustomer.objects.all()] == [soon.pk]
    with pytest.raises(PromoError, match="expired"):
        confirm(late, now=NOW)


def test_another_project_may_have_the_same_address(
    project: Project, other_project: Project
) -> None:
    for one in (project, other_project):
        UnconfirmedFactory(project=one, email="ada@example.com")

    assert UnconfirmedCustomer.objects.count() == 2
