"""How long messages are kept, and forgetting people in them."""

from datetime import timedelta

import pytest

from customers.services.erasure import erase_customer
from promo.tenancy.models import Project
from tests.factories.distributions import (
    HOOK,
    POSTCARD,
    Postcards,
    ada,
    order_event,
    running,
    send,
    states,
    tell,
)
from tests.factories.tenancy import NOW
from webhooks.models import (
    Delivery,
    DistributionCount,
    DistributionMessage,
)
from webhooks.services.distributions.keeping import forget_old_messages
from webhooks.services.distributions.stats import stats_of

pytestmark = pytest.mark.django_db
A_YEAR_LATER = NOW + timedelta(days=366)


def test_old_messages_go_and_their_numbers_stay(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(project, channels=[POSTCARD], limits={"per_day": 1})
    tell(project, order_event(ada(project)), order_event(ada(project)))
    send()
    before = stats_of([distribution])[distribution.pk]

    gone = [forget_old_messages(now=A_YEAR_LATER) for _ in range(2)]

    distribution.refresh_from_db()
    assert gone == [2, 0]
    assert DistributionMessage.objects.count() == 0
    assert stats_of([distribution])[distribution.pk] == before
    assert before["sent"] == 1
    assert before["reasons"] == {"limit_day": 1}
    assert DistributionCount.objects.count() == 0


def test_what_waits_is_kept_however_long(
    project: Project, cards: type[Postcards]
) -> None:
    delay = {"type": "AFTER", "value": 100, "unit": "WEEK"}
    distribution = running(project, channels=[POSTCARD], delay=delay)
    tell(project, order_event(ada(project)))

    assert forget_old_messages(now=A_YEAR_LATER) == 0
    assert states(distribution) == [("POSTCARD", "WAITING", "")]


def test_an_erased_person_is_in_no_message_and_no_count(
    project: Project, cards: type[Postcards]
) -> None:
    distribution = running(
        project, channels=[POSTCARD, HOOK], limits={"max_per_customer": 5}
    )
    person, other = ada(project), ada(project, name="Bob", email="bob@example.com")
    tell(project, order_event(person), order_event(other))
    send()

    erase_customer(project, person.pk, now=NOW)

    assert set(DistributionMessage.objects.values_list("customer_id", flat=True)) == {
        other.pk
    }
    assert Delivery.objects.count() == 1
    assert [each.bucket for each in DistributionCount.objects.all()] == [
        f"customer:{other.pk}"
    ]
    distribution.refresh_from_db()
    assert stats_of([distribution])[distribution.pk]["sent"] == 2


def test_what_others_got_tells_of_an_erased_person_no_more(project: Project) -> None:
    running(project)
    referrer = ada(project, name="Unmistakable", email="unmistakable@example.com")
    event = order_event(ada(project, name="Bob", email="bob@example.com"))
    shown = {
        "id": referrer.pk,
        "object": "customer",
        "name": referrer.name,
        "email": referrer.email,
    }
    event.payload["referrer"] = shown  # type: ignore[index]  # a dict is behind it
    tell(project, event)
    send()

    erase_customer(project, referrer.pk, now=NOW)

    sent = str(DistributionMessage.objects.get().sent)
    assert "nmistakable" not in sent
    assert "bob@example.com" in sent
