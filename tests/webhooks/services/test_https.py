"""Receivers over HTTPS: whose certificate is accepted, and for which name."""

import socket
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from promo.clock import utc_now
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW
from tests.factories.webhooks import customer_created, webhook
from tests.fixtures.certificates import Authority
from tests.fixtures.receiver import Receiver, receiving
from webhooks.models import Attempt, Delivery, Status
from webhooks.services.delivering import deliver_due

pytestmark = pytest.mark.django_db
NAME = "shop.example"


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Authority:
    """An authority that webhooks trust."""
    made = Authority.made(tmp_path)
    settings.WEBHOOK_CA_FILE = str(made.file)
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    return made


@pytest.fixture(autouse=True)
def _known_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the name lead to this machine."""
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **named: Any) -> Any:
        return real("127.0.0.1" if host == NAME else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def tell(project: Project, receiver: Receiver, host: str) -> Attempt:
    """Let something happen, and return the attempt to tell ``host`` of it."""
    webhook(project, receiver.url.replace("127.0.0.1", host) + "/ok")
    customer_created(project, "ada")
    deliver_due(clock=lambda: NOW, at_most=timedelta(minutes=1))
    return Attempt.objects.get()


@pytest.mark.parametrize("host", [NAME, "127.0.0.1"])
def test_a_receiver_whose_certificate_says_its_name_is_told(
    project: Project, authority: Authority, host: str
) -> None:
    with receiving(authority.server(host)) as receiver:
        attempt = tell(project, receiver, host)

    [got] = receiver.got
    assert (attempt.status_code, attempt.error) == (200, "")
    assert got.headers["host"] == receiver.url.removeprefix("https://").replace(
        "127.0.0.1", host
    )
    assert Delivery.objects.get().status == Status.SUCCEEDED


def test_several_are_told_over_one_connection_each(
    project: Project, authority: Authority
) -> None:
    with receiving(authority.server(NAME)) as receiver:
        webhook(project, receiver.url.replace("127.0.0.1", NAME) + "/ok")
        customer_created(project, *(f"c{n}" for n in range(20)))
        deliver_due(clock=lambda: NOW, at_most=timedelta(minutes=1))

    assert len(receiver.got) == 20
    assert {each.status for each in Delivery.objects.all()} == {Status.SUCCEEDED}


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1", "sub.shop.example"])
def test_a_certificate_of_another_host_is_refused(
    project: Project, authority: Authority, host: str
) -> None:
    with receiving(authority.server(host)) as receiver:
        attempt = tell(project, receiver, NAME)

    assert receiver.got == []
    assert attempt.status_code is None
    assert attempt.error.startswith("The certificate was not accepted: ")


def test_a_certificate_of_an_authority_that_nobody_trusts_is_refused(
    project: Project, authority: Authority, settings: Any
) -> None:
    settings.WEBHOOK_CA_FILE = ""

    with receiving(authority.server(NAME)) as receiver:
        attempt = tell(project, receiver, NAME)

    assert receiver.got == []
    assert attempt.error.startswith("The certificate was not accepted: ")


def test_a_certificate_that_has_run_out_is_refused(
    project: Project, authority: Authority
) -> None:
    yesterday = utc_now() - timedelta(days=1)

    with receiving(authority.server(NAME, until=yesterday)) as receiver:
        attempt = tell(project, receiver, NAME)

    assert receiver.got == []
    assert "certificate has expired" in attempt.error


def test_a_receiver_without_tls_is_told_nothing_over_https(
    project: Project, authority: Authority
) -> None:
    with receiving() as receiver:
        receiver.url = receiver.url.replace("http:", "https:")
        attempt = tell(project, receiver, NAME)

    assert receiver.got == []
    assert attempt.status_code is None
    assert attempt.error != ""
