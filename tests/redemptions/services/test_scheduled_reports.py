"""Reports go out by e-mail when their hour comes, once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from promo.errors import InvalidPayload
from promo.outbox.relay import publish_batch
from redemptions.models import ScheduledReport
from redemptions.services.scheduled_report import (
    create_report,
    delete_report,
    send_due_reports,
    update_report,
)
from redemptions.services.schedules import next_run
from tests.admin_site import make_project
from tests.races import at_once
from tests.redemptions.admin.checkout import buy, coupon

#: A Wednesday.
NOON = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)
PEOPLE = ["ada@example.com", "bob@example.com"]


def schedule(project, **values):
    named = {"name": "Weekly figures", "frequency": "WEEKLY", "weekday": 1, "hour": 6}
    return create_report(
        project=project, now=NOON, **{**named, "recipients": PEOPLE, **values}
    )


def redeemed(project, *days):
    coupon(project, "SAVE20", campaign_name="Spring")
    for day in days:
        buy(project, "SAVE20", order=f"o-{day}", now=NOON.replace(day=day))
    while publish_batch(now=NOON):
        pass


@pytest.mark.django_db
class TestSending:
    @pytest.mark.parametrize(
        ("frequency", "expected"),
        [
            ("DAILY", datetime(2027, 3, 11, 5, tzinfo=UTC)),
            ("WEEKLY", datetime(2027, 3, 15, 5, tzinfo=UTC)),
            # The clock of Paris is put in between.
            ("MONTHLY", datetime(2027, 4, 1, 4, tzinfo=UTC)),
        ],
    )
    def test_a_report_runs_on_the_clock_of_the_project(self, frequency, expected):
        report = schedule(make_project(timezone="Europe/Paris"), frequency=frequency)

        assert report.next_run_at == expected
        assert next_run(report, expected) > expected

    def test_a_weekly_letter_tells_of_the_seven_days_before(self):
        project = make_project(currency="EUR")
        redeemed(project, 7, 8, 10, 14, 15)
        report = schedule(project)
        monday = datetime(2027, 3, 15, 6, 0, tzinfo=UTC)

        assert send_due_reports(monday - timedelta(minutes=1)) == 0
        assert [send_due_reports(monday) for _ in range(2)] == [2, 0]

        assert [letter.to for letter in mail.outbox] == [[one] for one in PEOPLE]
        letter = mail.outbox[0]
        assert letter.subject == "Report: Weekly figures"
        assert "8 March 2027 to 14 March 2027" in letter.body
        assert "Redemptions: 3 (before: 1)" in letter.body
        assert "Discount given: 30.00 EUR" in letter.body
        files = {name: body for name, body, _ in letter.attachments}
        assert len(files) == 6
        rows = files["campaigns-2027-03-08-2027-03-14.csv"].splitlines()
        assert rows[1] == "Spring,3,0,0,30.00,3,120.00,40.00"
        report.refresh_from_db()
        assert report.last_run_at == monday
        assert report.next_run_at == monday + timedelta(days=7)

    def test_a_report_may_be_about_one_campaign_and_one_day(self):
        project = make_project()
        redeemed(project, 10, 11)
        coupon(project, "OTHER")
        buy(project, "OTHER", now=NOON)
        while publish_batch(now=NOON):
            pass
        campaign = project.campaigns.get(name="Spring")
        schedule(project, campaign=campaign, frequency="DAILY")

        send_due_reports(NOON + timedelta(days=1))

        assert "Spring, 10 March 2027 to 10 March 2027" in mail.outbox[0].body
        assert "Redemptions: 1 (before: 0)" in mail.outbox[0].body

    def test_a_monthly_letter_tells_of_the_month_before(self):
        project = make_project()
        redeemed(project, 1, 31)
        schedule(project, frequency="MONTHLY")

        send_due_reports(datetime(2027, 4, 1, 6, tzinfo=UTC))

        assert "1 March 2027 to 31 March 2027" in mail.outbox[0].body
        assert "Redemptions: 2" in mail.outbox[0].body

    def test_what_is_switched_off_or_deleted_is_not_sent(self):
        project = make_project()
        report = schedule(project)
        update_report(report, now=NOON, active=False)
        assert send_due_reports(NOON + timedelta(days=30)) == 0
        update_report(report, now=NOON, active=True, hour=7)
        report.refresh_from_db()
        assert report.next_run_at == datetime(2027, 3, 15, 7, tzinfo=UTC)

        delete_report(report, now=NOON)

        assert send_due_reports(NOON + timedelta(days=30)) == 0
        assert mail.outbox == []

    def test_a_letter_that_cannot_be_sent_stays_due(self, monkeypatch):
        report = schedule(make_project())
        later = NOON + timedelta(days=7)

        def refuse(*_):
            raise OSError

        with monkeypatch.context() as patch:
            patch.setattr(EmailBackend, "send_messages", refuse)
            assert send_due_reports(later) == 0

        report.refresh_from_db()
        assert (report.next_run_at < later, report.last_run_at) == (True, None)
        assert send_due_reports(later) == 2

    @pytest.mark.parametrize(
        "recipients", [[], ["nobody"], [f"a{n}@example.com" for n in range(21)]]
    )
    def test_nobody_and_no_address_is_refused(self, recipients):
        with pytest.raises(InvalidPayload):
            schedule(make_project(), recipients=recipients)

        assert not ScheduledReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_send_at_once_send_once():
    schedule(make_project())

    counts = at_once(*[lambda: send_due_reports(NOON + timedelta(days=7))] * 4)

    assert sorted(counts) == [0, 0, 0, 2]
