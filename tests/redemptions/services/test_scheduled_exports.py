"""When schedules run, and whom they tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings

from promo.errors import InvalidPayload
from promo.tenancy.models import Project
from promo.tenancy.services.people import create_person
from redemptions.models import Export, ScheduledExport
from redemptions.services.export_run import run_export
from redemptions.services.scheduled_export import (
    create_schedule,
    delete_schedule,
    run_due_schedules,
    tell_recipients,
    untold_exports,
    update_schedule,
)
from redemptions.services.schedules import next_run
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db


def scheduled(project: Project, **values: Any) -> ScheduledExport:
    named = {"name": "Orders", "exported_object": "order"} | values
    return create_schedule(project=project, now=NOW, **named)


@pytest.mark.parametrize(
    ("zone", "values", "expected"),
    [
        ("UTC", {"hour": 13}, "2026-03-10T13:00Z"),
        ("UTC", {"hour": 12}, "2026-03-11T12:00Z"),
        ("Europe/Warsaw", {"hour": 6}, "2026-03-11T05:00Z"),
        (
            "Europe/Warsaw",
            {"hour": 6, "frequency": "WEEKLY", "weekday": 0},
            "2026-03-15T05:00Z",
        ),
        ("America/New_York", {"hour": 23}, "2026-03-11T03:00Z"),
        (
            "UTC",
            {"hour": 6, "frequency": "WEEKLY", "weekday": 2},
            "2026-03-17T06:00Z",
        ),
        (
            "UTC",
            {"hour": 18, "frequency": "WEEKLY", "weekday": 2},
            "2026-03-10T18:00Z",
        ),
    ],
)
def test_a_schedule_runs_by_the_projects_clock(
    zone: str, values: dict[str, Any], expected: str
) -> None:
    schedule = scheduled(ProjectFactory(timezone=zone), **values)

    assert schedule.next_run_at == datetime.fromisoformat(expected)


def test_the_hour_stays_when_the_clock_is_changed() -> None:
    schedule = scheduled(ProjectFactory(timezone="Europe/Warsaw"), hour=6)
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)

    assert next_run(schedule, before) == datetime(2026, 3, 29, 4, tzinfo=UTC)


def test_a_due_schedule_makes_one_export_for_its_person(project: Project) -> None:
    person = create_person(email="ada@example.com", password=None)
    schedule = scheduled(project, user=person, parameters={"fields": ["amount"]})
    at = schedule.next_run_at

    assert run_due_schedules(at - timedelta(seconds=1)) == 0
    assert run_due_schedules(at) == 1
    assert run_due_schedules(at) == 0

    export = Export.objects.get()
    assert (export.channel, export.user) == ("WEBSITE", person)
    assert export.parameters == {"fields": ["amount"]}
    schedule.refresh_from_db()
    assert schedule.last_run_at == at
    assert schedule.next_run_at == at + timedelta(days=1)


def test_what_was_missed_is_made_up_for_once(project: Project) -> None:
    schedule = scheduled(project)

    assert run_due_schedules(schedule.next_run_at + timedelta(days=9, hours=1)) == 1

    schedule.refresh_from_db()
    assert schedule.next_run_at == NOW.replace(hour=6) + timedelta(days=11)
    assert Export.objects.count() == 1


def test_one_that_is_switched_off_does_not_run(project: Project) -> None:
    schedule = scheduled(project, active=False)

    assert run_due_schedules(schedule.next_run_at) == 0


def test_what_can_be_exported_no_more_makes_nothing_and_goes_on(
    project: Project,
) -> None:
    schedule = scheduled(project)
    other = scheduled(project, exported_object="voucher")
    ScheduledExport.objects.filter(pk=schedule.pk).update(exported_object="gone")

    assert run_due_schedules(other.next_run_at) == 1

    assert Export.objects.get().exported_object == "voucher"
    assert run_due_schedules(other.next_run_at) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"exported_object": "nonsense"},
        {"parameters": {"order": "nonsense"}},
        {"parameters": {"filters": {"x": 1}}},
        {"recipients": ["nobody"]},
        {"recipients": ["ada@example.com"] * 21},
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    project: Project, values: dict[str, Any]
) -> None:
    schedule = scheduled(project)

    with pytest.raises(InvalidPayload):
        scheduled(project, **values)
    with pytest.raises(InvalidPayload):
        update_schedule(schedule, now=NOW, **values)

    stored = ScheduledExport.objects.get()
    assert (stored.exported_object, stored.recipients) == ("order", [])


def test_deleting_a_schedule_keeps_its_files(project: Project) -> None:
    schedule = scheduled(project)
    run_due_schedules(schedule.next_run_at)

    delete_schedule(schedule, now=NOW)

    assert Export.objects.get().schedule is None


@override_settings(PUBLIC_URL="https://promo.example")
def test_each_recipient_gets_a_letter_of_their_own_with_the_link() -> None:
    project = ProjectFactory(name="Shop")
    recipients = ["ada@example.com", "bob@example.com"]
    schedule = scheduled(project, name="Orders\n of today", recipients=recipients)
    at = schedule.next_run_at
    run_due_schedules(at)
    export = Export.objects.get()
    assert tell_recipients(export.pk, now=at) == 0
    assert untold_exports(at) == []
    run_export(export.pk, now=at)
    assert untold_exports(at) == [export.pk]

    assert tell_recipients(export.pk, now=at) == 2
    assert tell_recipients(export.pk, now=at) == 0

    assert [letter.to for letter in mail.outbox] == [[one] for one in recipients]
    (letter, _) = mail.outbox
    assert letter.subject == "Export ready: Orders of today"
    link = f"https://promo.example/v1/exports/{export.pk}?token={export.token}\n"
    assert link in letter.body
    assert "0 rows of Shop" in letter.body
    assert "until 09 June 2026" in letter.body
    assert untold_exports(at) == []


def test_what_could_not_be_sent_is_tried_again(project: Project) -> None:
    schedule = scheduled(project, recipients=["ada@example.com"])
    at = schedule.next_run_at
    run_due_schedules(at)
    export = Export.objects.get()
    run_export(export.pk, now=at)
    nowhere = "tests.redemptions.services.test_scheduled_exports.Nowhere"

    with override_settings(EMAIL_BACKEND=nowhere), pytest.raises(ConnectionError):
        tell_recipients(export.pk, now=at)

    assert untold_exports(at) == [export.pk]
    assert untold_exports(at + timedelta(days=1)) == []
    assert tell_recipients(export.pk, now=at) == 1


class Nowhere(BaseEmailBackend):
    """Mail that nobody takes."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError


@pytest.mark.django_db(transaction=True)
def test_two_beats_begin_one_export() -> None:
    schedule = scheduled(ProjectFactory())

    at_once(*[lambda: run_due_schedules(schedule.next_run_at)] * 4)

    assert Export.objects.count() == 1
