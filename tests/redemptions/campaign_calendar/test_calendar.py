"""The calendar: bars, overlaps, clock changes, moving drafts, and the feed."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from campaigns.models import CampaignDraft
from promo.tenancy.models import Project
from redemptions.campaign_calendar.plan import Window, plan_of
from tests.admin_site import (
    NOW,
    Person,
    make_project,
    messages_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, CategoryFactory

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
MARCH = Window(date(2026, 3, 1), date(2026, 3, 31), PARIS)
PAGE = "campaign-calendar"


@pytest.fixture
def project() -> Project:
    return make_project(timezone="Europe/Paris")


def campaign(project: Project, name: str, first: int, last: int, **values: Any) -> Any:
    return CampaignFactory(
        project=project,
        name=name,
        start_date=datetime(2026, 3, first, tzinfo=PARIS),
        expiration_date=datetime(2026, 3, last, tzinfo=PARIS),
        **values,
    )


def draft(project: Project, first: str, last: str = "") -> CampaignDraft:
    fields = {"start_date_0": [first], "start_date_1": ["08:00"]}
    if last:
        fields |= {"expiration_date_0": [last], "expiration_date_1": ["23:59"]}
    return CampaignDraft.objects.create(
        project=project,
        name="Soon",
        step="schedule",
        payload={"fields": fields},
        created_at=NOW,
        updated_at=NOW,
    )


def page(person: Person, **query: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        return person.client.get(reverse(PAGE), query)


def test_bars_lie_where_campaigns_run_and_overlaps_are_marked(project: Project) -> None:
    season = CategoryFactory(project=project, name="Season")
    campaign(project, "A", 1, 11, category=season)
    campaign(project, "B", 10, 20, category=season)
    campaign(project, "C", 10, 20)
    campaign(project, "Off", 10, 20, category=season, active=False)
    CampaignFactory(project=make_project("Other"), name="Theirs")

    groups = plan_of(project, MARCH)

    found = {bar.name: bar for bars in groups.values() for bar in bars}
    assert {name: [bar.name for bar in bars] for name, bars in groups.items()} == {
        "Season": ["A", "B", "Off"],
        "Without a category": ["C"],
    }
    assert (found["A"].overlaps, found["B"].overlaps) == (["B"], ["A"])
    assert found["C"].overlaps == found["Off"].overlaps == []
    assert found["A"].left == 0
    assert found["A"].width == pytest.approx(240 / 743 * 100, abs=0.001)


def test_what_ends_when_another_begins_does_not_overlap(project: Project) -> None:
    campaign(project, "A", 1, 10)
    campaign(project, "B", 10, 20)

    (bars,) = plan_of(project, MARCH).values()

    assert [bar.overlaps for bar in bars] == [[], []]


def test_the_days_of_clock_changes_are_known() -> None:
    assert MARCH.clock_changes == [date(2026, 3, 29)]
    assert Window(date(2026, 3, 1), date(2026, 3, 31), UTC).clock_changes == []


def test_the_page_shows_a_month_with_today_and_the_clock(project: Project) -> None:
    campaign(project, "Spring", 1, 11)
    person = sign_in(project, "USER")

    shown = page(person)

    text = text_of(shown)
    assert "Spring" in text
    assert "promo-cal-today" in text
    assert "The clock changes on Sunday, 29 March" in text
    assert shown.context["before"] == "?span=month&from=2026-02-01"
    assert page(person, span="weeks").context["window"].first == date(2026, 3, 9)
    for typed in ("nonsense", "9999-12-31", "0001-01-01"):
        assert page(person, **{"from": typed}).context["window"].first.year == 2026


def test_more_campaigns_cost_no_more_statements(project: Project) -> None:
    person = sign_in(project, "USER")
    campaign(project, "One", 1, 11)
    few = statements_of(lambda: page(person))

    for number in range(20):
        campaign(project, f"More {number}", 2, 12)

    assert statements_of(lambda: page(person)) == few <= 20


def test_a_draft_is_moved_by_whole_days(project: Project) -> None:
    moved = draft(project, "2026-03-30", "2026-04-02")
    person = sign_in(project, "USER")

    answer = person.client.post(reverse("calendar-move", args=(moved.pk,)), {"days": 7})

    moved.refresh_from_db()
    assert answer.status_code == 302
    assert moved.payload["fields"] == {
        "start_date_0": ["2026-04-06"],
        "start_date_1": ["08:00"],
        "expiration_date_0": ["2026-04-09"],
        "expiration_date_1": ["23:59"],
    }


@pytest.mark.parametrize("days", ["", "x", "99999", "-99999", "1e3", "٣"])
def test_a_move_that_cannot_be_changes_nothing(project: Project, days: str) -> None:
    kept = draft(project, "2026-03-30")
    person = sign_in(project, "USER")

    answer = person.client.post(
        reverse("calendar-move", args=(kept.pk,)), {"days": days}
    )

    before = kept.payload
    kept.refresh_from_db()
    assert answer.status_code == 302
    assert kept.payload == before
    if days.strip("-") == "99999":
        assert "no such day" in messages_of(answer)[0]


def test_only_who_may_build_moves_and_only_drafts_of_his_own(project: Project) -> None:
    kept = draft(project, "2026-03-30")
    running = campaign(project, "Live", 1, 11)
    viewer = sign_in(project, "VIEWER")
    stranger = sign_in(make_project("Other"), "ADMIN")
    marketer = sign_in(project, "USER")
    sent = {"days": "1"}

    refused = [
        viewer.client.post(reverse("calendar-move", args=(kept.pk,)), sent),
        stranger.client.post(reverse("calendar-move", args=(kept.pk,)), sent),
        marketer.client.post(reverse("calendar-move", args=(running.pk,)), sent),
        marketer.client.get(reverse("calendar-move", args=(kept.pk,))),
    ]

    before = kept.payload
    kept.refresh_from_db()
    assert [one.status_code for one in refused] == [403, 404, 404, 405]
    assert kept.payload == before


def test_the_feed_is_read_by_its_secret_address_alone(
    project: Project, client: Client
) -> None:
    campaign(project, "Spring", 1, 11, description="Ten off")
    person = sign_in(project, "USER")
    address = "calendar-address"

    with time_machine.travel(NOW, tick=False):
        first = person.client.post(reverse(address)).context["address"]
        second = person.client.post(reverse(address)).context["address"]
        old, answer = client.get(first), client.get(second)
        nonsense = client.get(reverse("calendar-feed", args=("nonsense",)))

    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert (old.status_code, nonsense.status_code) == (404, 404)
    assert str(event["summary"]) == "Spring"
    assert event["dtstart"].dt == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert event["dtend"].dt == datetime(2026, 3, 10, 23, tzinfo=UTC)
    assert text_of(person.client.get(reverse(PAGE))).count(second) == 0


def test_the_feed_ends_with_the_right_to_read_or_when_stopped(
    project: Project, client: Client
) -> None:
    leaver, stopper = sign_in(project, "USER"), sign_in(project, "VIEWER")
    address = reverse("calendar-address")
    links = [one.client.post(address).context["address"] for one in (leaver, stopper)]
    assert [client.get(link).status_code for link in links] == [200, 200]

    leaver.user.memberships.all().delete()
    stopper.client.post(address, {"do": "drop"})

    assert [client.get(link).status_code for link in links] == [404, 404]
