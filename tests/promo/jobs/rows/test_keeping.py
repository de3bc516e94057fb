"""What belongs to work on rows, and when it is forgotten."""

from datetime import timedelta

import pytest

from promo.clock import utc_now
from promo.jobs.models import AsyncAction, ReportRow, UploadPart
from promo.jobs.rows.keeping import forget_old_rows
from promo.jobs.rows.start import draft_row_work, start_row_work
from tests.fixtures.rows import run_to_end

pytestmark = pytest.mark.django_db
NOW = utc_now()
KIND = "CUSTOMERS.IMPORT_CSV"


def test_a_draft_is_kept_for_a_day(project):
    draft_row_work(project=project, kind=KIND, chunks=[b"name\n"], now=NOW)

    assert forget_old_rows(NOW + timedelta(hours=23)) == 0
    assert forget_old_rows(NOW + timedelta(hours=25)) == 2
    assert not AsyncAction.objects.exists()


def test_an_upload_that_could_not_be_read_is_kept_for_a_week(project):
    action = start_row_work(
        project=project, kind=KIND, chunks=[b"a,a\n"], now=utc_now()
    )
    run_to_end(action.pk)

    assert forget_old_rows(NOW + timedelta(days=6)) == 0
    assert forget_old_rows(NOW + timedelta(days=8)) == 1
    assert not UploadPart.objects.exists()
    assert AsyncAction.objects.get().status == "FAILED"


def test_a_report_is_kept_for_thirty_days(project):
    action = start_row_work(
        project=project, kind=KIND, chunks=[b"name\nAda\n"], now=utc_now()
    )
    run_to_end(action.pk)

    assert forget_old_rows(NOW + timedelta(days=29)) == 0
    assert ReportRow.objects.count() == 1
    assert forget_old_rows(NOW + timedelta(days=31)) == 1
    assert not ReportRow.objects.exists()
    assert AsyncAction.objects.get().result["failed_count"] == 1
