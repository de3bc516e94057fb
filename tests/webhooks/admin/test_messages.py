"""The log of messages at the dashboard."""

import pytest

from promo.tenancy.models import Project
from tests.admin_site import sign_in, text_of
from tests.factories.distributions import ada, order_event, running, send, tell
from tests.factories.tenancy import NOW
from webhooks.models import DistributionMessage

pytestmark = pytest.mark.django_db


def test_a_message_to_a_system_shows_its_body(project: Project) -> None:
    running(project)
    tell(project, order_event(ada(project), order_id="ord_7"))
    send(NOW)

    message = DistributionMessage.objects.get()
    page = text_of(sign_in(project, "USER").open(message))

    assert "An order is paid" in page
    assert "On its way" in page
    assert "ord_7" in page


def test_a_message_to_somebody_who_is_gone_says_so(project: Project) -> None:
    running(project)
    person = ada(project)
    tell(project, order_event(person))
    person.deleted_at = NOW
    person.save()

    message = DistributionMessage.objects.get()
    viewer = sign_in(project, "VIEWER")
    page, listed = text_of(viewer.open(message)), text_of(viewer.list(type(message)))

    assert "Gone" in page
    assert "Gone" in listed
    assert "Nothing" in page
