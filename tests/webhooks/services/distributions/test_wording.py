"""E-mails and text messages count as the project does, wherever they are made."""

import pytest
from django.core import mail

from promo.tenancy.models import Project
from tests.factories.distributions import ada, order_event, running, send, tell
from tests.factories.tenancy import NOW, ProjectFactory
from webhooks.services.distributions.previewing import preview

pytestmark = pytest.mark.django_db
WORDS = {"subject": "{{order.amount as money}}", "text": "{{order.paid as date}}"}


@pytest.fixture
def paris() -> Project:
    made: Project = ProjectFactory.create(currency="EUR", timezone="Europe/Paris")
    return made


def test_money_and_dates_are_written_by_the_projects_currency_and_clock(
    paris: Project,
) -> None:
    made = running(paris, channels=[{"type": "EMAIL", "content": WORDS}])
    person = ada(paris, source_id="ada")
    tell(paris, order_event(person, amount=750, paid="2026-03-10T23:30:00Z"))

    shown = preview(made, "ada", now=NOW).messages[0].message
    send(NOW)

    (sent,) = mail.outbox
    assert sent.subject == shown["subject"] == "7.50 EUR"
    assert sent.body == shown["text"]
    assert sent.body.startswith("11 March 2026\n")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_webhook_is_not_told_how_the_project_counts(paris: Project) -> None:
    made = running(paris)
    person = ada(paris, source_id="ada")
    tell(paris, order_event(person))

    shown = preview(made, "ada", now=NOW).messages[0].message

    assert set(shown["body"]["data"]) == {"customer", "order", "referrer", "redemption"}
