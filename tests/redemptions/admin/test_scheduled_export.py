"""Scheduled exports at the dashboard."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from promo.tenancy.models import Project
from redemptions.models import Export, ScheduledExport
from redemptions.services.scheduled_export import create_schedule, run_due_schedules
from tests.admin_site import (
    NOW,
    Person,
    errors_of,
    make_project,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Project:
    return make_project(timezone="Europe/Warsaw")


@pytest.fixture
def person(shop: Project) -> Person:
    return sign_in(shop, "USER")


def form(**values: Any) -> dict[str, Any]:
    return {
        "name": "Orders of yesterday",
        "exported_object": "order",
        "columns_order": ["id", "amount"],
        "order_order": "-created_at",
        "period": "$yesterday",
        "frequency": "WEEKLY",
        "weekday": "1",
        "hour": "6",
        "recipients": "ada@example.com\nbob@example.com",
        "active": "on",
    } | values


def scheduled(shop: Project, **values: Any) -> ScheduledExport:
    named = {"name": "Orders", "exported_object": "order"} | values
    return create_schedule(project=shop, now=NOW, **named)


def test_a_person_schedules_an_export(person: Person) -> None:
    response = person.add(ScheduledExport, **form())

    assert response.status_code == 302, errors_of(response)
    made = ScheduledExport.objects.get()
    assert made.parameters == {
        "fields": ["id", "amount"],
        "order": "-created_at",
        "filters": {
            "junction": "and",
            "created_at": {"conditions": {"$yesterday": [True]}},
        },
    }
    assert (made.frequency, made.weekday, made.hour) == ("WEEKLY", 1, 6)
    assert made.recipients == ["ada@example.com", "bob@example.com"]
    assert made.user == person.user
    assert made.next_run_at.tzinfo is not None


def test_the_form_shows_what_is_stored_and_changes_it(
    person: Person, shop: Project
) -> None:
    person.add(ScheduledExport, **form(filters='{"status": {"conditions": {}}}'))
    assert not ScheduledExport.objects.exists()
    wanted = '{"status": {"conditions": {"$is": "PAID"}}}'
    person.add(ScheduledExport, **form(filters=wanted))
    stored = ScheduledExport.objects.get()

    shown = person.open(stored).context["adminform"].form.initial
    person.change(stored, **form(hour="7", frequency="DAILY"))

    assert shown["exported_object"] == "order"
    assert shown["columns_order"] == ["id", "amount"]
    assert shown["period"] == "$yesterday"
    assert shown["filters"] == {"status": {"conditions": {"$is": "PAID"}}}
    stored.refresh_from_db()
    assert (stored.hour, stored.frequency) == (7, "DAILY")
    assert "status" not in stored.parameters["filters"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"recipients": "nobody"}, "recipients"),
        (
            {"recipients": "\n".join(f"p{n}@example.com" for n in range(21))},
            "recipients",
        ),
        ({"hour": "24"}, "hour"),
        ({"weekday": "7"}, "weekday"),
        ({"name": ""}, "name"),
        ({"filters": '{"x": 1}'}, "filters"),
    ],
)
def test_what_does_not_fit_is_shown_beside_its_field(
    person: Person, values: dict[str, Any], field: str
) -> None:
    response = person.add(ScheduledExport, **form(**values))

    assert response.status_code == 200
    assert field in errors_of(response)
    assert not ScheduledExport.objects.exists()


def test_the_list_shows_when_it_runs_and_how_it_ended(
    person: Person, shop: Project
) -> None:
    schedule = scheduled(shop)
    scheduled(make_project("Other"), name="Theirs")
    assert "Not yet run" in text_of(person.list(ScheduledExport))

    assert run_due_schedules(schedule.next_run_at) == 1
    Export.objects.update(status="DONE", finished_at=NOW)

    shown = person.list(ScheduledExport)
    assert rows_of(shown) == [schedule]
    for words in ("Every day at 06:00", "Done", "Orders"):
        assert words in text_of(shown)


def test_the_list_costs_the_same_for_one_row_as_for_twenty(
    person: Person, shop: Project
) -> None:
    scheduled(shop)
    for_one = statements_of(lambda: person.list(ScheduledExport))
    for number in range(19):
        scheduled(shop, name=f"Schedule {number}")
    run_due_schedules(datetime(2026, 3, 12, tzinfo=UTC) + timedelta(days=1))

    assert statements_of(lambda: person.list(ScheduledExport)) == for_one


@pytest.mark.parametrize(
    ("role", "changes", "deletes"),
    [("ADMIN", 302, 302), ("USER", 302, 302), ("VIEWER", 302, 403)],
)
def test_each_role_does_what_it_may(
    shop: Project, role: str, changes: int, deletes: int
) -> None:
    person, schedule = sign_in(shop, role), scheduled(shop)

    assert person.list(ScheduledExport).status_code == 200
    assert person.change(schedule, **form()).status_code == changes
    assert person.delete(schedule).status_code == deletes


def test_another_projects_schedule_does_not_exist(person: Person) -> None:
    theirs = scheduled(make_project("Other"))

    person.change(theirs, **form())
    person.delete(theirs)

    theirs.refresh_from_db()
    assert theirs.name == "Orders"


def test_who_is_not_signed_in_gets_nothing(shop: Project, person: Person) -> None:
    schedule = scheduled(shop)
    person.client.logout()

    for response in (person.list(ScheduledExport), person.open(schedule)):
        assert response.status_code == 302
        assert "login" in response["Location"]
