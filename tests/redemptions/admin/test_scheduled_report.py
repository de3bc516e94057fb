"""The screen of scheduled reports."""

import pytest
from django.test import Client

from redemptions.models import ScheduledReport
from tests.admin_site import address, errors_of, make_project, sign_in, text_of
from tests.redemptions.admin.checkout import coupon
from tests.redemptions.services.test_scheduled_reports import schedule

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Morning figures",
    "frequency": "DAILY",
    "weekday": "1",
    "hour": "7",
    "recipients": "ada@example.com\nbob@example.com",
    "active": "on",
}


def test_a_report_is_scheduled_for_a_campaign():
    project = make_project()
    campaign = coupon(project).campaign

    response = sign_in(project, "USER").add(
        ScheduledReport, **TYPED, campaign=campaign.pk
    )

    assert response.status_code == 302
    report = project.scheduled_reports.get()
    assert (report.campaign, report.frequency, report.hour) == (campaign, "DAILY", 7)
    assert report.recipients == ["ada@example.com", "bob@example.com"]


def test_the_list_and_the_page_say_when_and_to_whom():
    project = make_project()
    report = schedule(project)
    person = sign_in(project, "USER")

    assert "Every Monday at 06:00" in text_of(person.list(ScheduledReport))
    figures = person.open(report).context["summary"]
    assert [one.value for one in figures][::2] == ["Every Monday at 06:00", "2 people"]
    person.change(report, **TYPED)
    report.refresh_from_db()
    assert (report.name, report.frequency) == ("Morning figures", "DAILY")
    person.delete(report)
    assert not ScheduledReport.objects.exists()


def test_what_is_no_address_is_said_in_the_form():
    shown = sign_in(make_project(), "USER").add(
        ScheduledReport, **{**TYPED, "recipients": "nobody"}
    )

    assert "e-mail addresses" in str(errors_of(shown))
    assert not ScheduledReport.objects.exists()


def test_another_projects_reports_and_campaigns_do_not_exist():
    other = make_project("Other")
    theirs, campaign = schedule(other), coupon(other).campaign
    person = sign_in(make_project(), "USER")

    assert person.open(theirs).status_code == 302
    person.add(ScheduledReport, **TYPED, campaign=campaign.pk)
    assert ScheduledReport.objects.count() == 1


def test_only_who_may_export_schedules_reports():
    project = make_project()
    page = address(ScheduledReport, "changelist")

    assert Client().get(page).status_code == 302
    assert sign_in(project, "VIEWER").client.get(page).status_code == 200
    assert sign_in(project, "MERCHANT").client.get(page).status_code == 200
    denied = sign_in(project, "MERCHANT", email="m@example.com")
    assert denied.add(ScheduledReport, **TYPED).status_code == 403
    assert not ScheduledReport.objects.exists()
