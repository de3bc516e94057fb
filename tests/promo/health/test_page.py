"""The page that says whether all is well, and what the home page tells of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from campaigns.models import Voucher
from customers.services.customer import create_customer
from promo.clock import utc_now
from promo.health import system
from promo.health.fact import Fact
from promo.jobs.actions import record_action
from promo.jobs.models import ActionStatus, AsyncAction
from promo.tenancy.models import Project
from promo.tenancy.services.roles import create_role
from promo.version import version
from redemptions.models import LedgerVerification
from redemptions.services.ledger_verification import verify_ledger
from redemptions.tasks import check_ledger
from tests.admin_site import NOW, Person, make_project, rows_of, sign_in
from tests.factories.campaigns import VoucherFactory
from tests.factories.webhooks import webhook
from webhooks.models import Webhook
from webhooks.services.bus.letters import keep_letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Project:
    return make_project()


@pytest.fixture
def person(shop: Project) -> Person:
    return sign_in(shop, "ADMIN")


def facts(person: Person) -> dict[str, Fact]:
    groups = person.client.get(reverse("system-health")).context["groups"]
    return {one.name: one for _, told in groups for one in told}


def home_lights(person: Person) -> dict[str, Fact]:
    told = person.client.get(reverse("admin:index")).context["lights"]
    return {one.name: one for one in told}


def failed_work(project: Project, ago: timedelta = timedelta()) -> AsyncAction:
    now = utc_now() - ago
    action = record_action(
        project=project, kind="CUSTOMERS.IMPORT_CSV", arguments={}, now=now
    )
    action.status, action.finished_at = ActionStatus.FAILED, now
    action.save()
    return action


def test_all_is_well_on_a_fresh_installation(person: Person) -> None:
    found = facts(person)

    assert {one.tone for one in found.values()} <= {"good", "plain"}
    assert found["Version"].value == version()
    assert found["Database changes"].value == "None missing"
    assert found["Clock"].value == "As the database's"
    assert found["Events"].value == "All handed on"
    assert found["Background work"].value == "Nothing waits"
    assert found["Ledger check"].value == "Not made yet"
    assert found["Failed work"].value == "None"


def test_what_is_wrong_is_counted_and_leads_to_its_rows(
    person: Person, shop: Project
) -> None:
    action = failed_work(shop)
    failed_work(shop, ago=timedelta(days=20))
    failed_work(make_project("Other"))
    off = webhook(shop, "https://shop.example/hook")
    Webhook.objects.filter(pk=off.pk).update(active=False)
    keep_letter(
        shop,
        kind="orders",
        place=("t", 0, 1),
        key=b"",
        value=b"{",
        headers=[],
        error="x",
        attempts=1,
        now=NOW,
    )

    found = home_lights(person)

    assert (found["Failed work"].value, found["Failed work"].tone) == (
        "1 in 7 days",
        "bad",
    )
    assert rows_of(person.client.get(found["Failed work"].link)) == [action]
    assert (found["Webhooks"].value, found["Webhooks"].tone) == ("1 off", "bad")
    assert rows_of(person.client.get(found["Webhooks"].link)) == [off]
    assert found["Dead letters"].value == "1 to be looked at"
    assert len(rows_of(person.client.get(found["Dead letters"].link))) == 1
    assert facts(person)["Dead letters"].tone == "bad"


def test_work_that_nobody_does_is_told(person: Person, shop: Project) -> None:
    begun = utc_now() - timedelta(hours=3)
    record_action(project=shop, kind="CUSTOMERS.IMPORT_CSV", arguments={}, now=begun)
    create_customer(project=shop, now=begun, source_id="ada")

    found = facts(person)

    assert found["Background work"].value == "Nothing done for 3 hours"
    assert found["Background work"].tone == "bad"
    assert found["Events"].tone == "bad"
    assert found["Events"].value.endswith("wait, the oldest for 3 hours")


def test_books_that_balance_are_told_with_when(person: Person) -> None:
    check_ledger()

    found = home_lights(person)["Ledger check"]

    assert found.tone == "good"
    assert found.value.startswith("Balanced, ")
    assert found.link == reverse("system-health")


def test_a_check_of_long_ago_warns(person: Person) -> None:
    verify_ledger(clock=lambda: utc_now() - timedelta(days=3))

    found = home_lights(person)["Ledger check"]

    assert (found.value, found.tone) == ("Balanced, 3 days ago", "warn")


def test_books_that_do_not_balance_are_told_with_the_check(
    person: Person, shop: Project
) -> None:
    voucher = VoucherFactory(project=shop)
    Voucher.objects.filter(pk=voucher.pk).update(redeemed_quantity=7)

    with pytest.raises(Exception, match="1 numbers are not"):
        call_command("verify_ledger")

    kept = LedgerVerification.objects.get()
    assert kept.drifts == 1
    [drifted] = [one for one in kept.found if one["count"]]
    assert drifted["name"] == "uses of codes"
    assert [(one["kept"], one["recorded"]) for one in drifted["first"]] == [(7, 0)]
    found = home_lights(person)["Ledger check"]
    assert (found.value, found.tone) == (
        "1 number is not what its records come to",
        "bad",
    )
    assert "uses of codes" in found.note


def test_outcomes_of_long_ago_are_forgotten() -> None:
    verify_ledger(clock=lambda: NOW)

    verify_ledger(clock=lambda: NOW + timedelta(days=91))

    assert LedgerVerification.objects.count() == 1


def test_who_may_read_little_is_told_little(shop: Project) -> None:
    role = create_role(
        project=shop,
        now=NOW,
        name="Looks",
        permissions=["campaigns.read", "redemptions.read"],
    )
    viewer = sign_in(shop, role.pk, "looks@example.com")

    assert home_lights(viewer) == {}
    assert viewer.client.get(reverse("system-health")).status_code == 403


@pytest.mark.parametrize(
    ("theirs", "skew"),
    [(0, 0), (5, 0), (10, 0), (-2, 2), (13, 3)],
)
def test_a_clock_differs_by_what_cannot_be_the_way(theirs: int, skew: int) -> None:
    before = datetime(2026, 3, 10, tzinfo=UTC)
    read = before + timedelta(seconds=theirs)

    found = system.skew_between(before, read, before + timedelta(seconds=10))

    assert found == timedelta(seconds=skew)


def test_a_clock_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "utc_now", lambda: NOW)

    found = system.clock()

    assert found.tone == "bad"
    assert found.value.endswith("s from the database's")


@pytest.mark.parametrize(
    ("hours", "failed", "value", "tone"),
    [
        (None, 0, "None that the database knows of", "plain"),
        (3, 0, "Archived 3 hours ago", "good"),
        (50, 2, "Archived 2 days ago", "warn"),
    ],
)
def test_backups_are_told_as_the_database_knows_them(
    hours: int | None, failed: int, value: str, tone: str
) -> None:
    last = None if hours is None else NOW - timedelta(hours=hours)

    found = system.archive_fact(last, failed, NOW)

    assert (found.value, found.tone) == (value, tone)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (60, "1 minute"), (7_300, "2 hours")],
)
def test_spans_are_said_by_their_largest_unit(seconds: int, words: str) -> None:
    assert system.span(timedelta(seconds=seconds)) == words
