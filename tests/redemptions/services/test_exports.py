"""Exports from the asking to the file, whatever happens in between."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from customers.services.erasure import erase_customer
from promo import request_context
from promo.tenancy.access_scope import Place
from promo.tenancy.models import Project
from redemptions.models import Export
from redemptions.models.export import KEPT
from redemptions.services import export_files, export_run
from redemptions.services.export import (
    create_export,
    delete_export,
    withdraw_old_exports,
)
from redemptions.services.export_files import remove_withdrawn
from redemptions.services.export_run import MOST_TRIES, run_export, stale_exports
from redemptions.tasks import remove_old_exports, sweep_exports
from tests.factories.areas import AreaFactory, put
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once
from tests.redemptions.exports.files import column, content, made

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def asked(project: Project, exported_object: str = "voucher", **rest: Any) -> Export:
    return create_export(
        project=project, exported_object=exported_object, now=NOW, **rest
    )


def drafts() -> list[Path]:
    return [*Path(settings.MEDIA_ROOT, "drafts").glob("*")]


def test_a_finished_export_knows_its_file(project: Project) -> None:
    VoucherFactory.create_batch(2, project=project)

    export = made(project, "voucher", fields=["code"], order="code")

    assert (export.rows, export.size) == (2, len(content(export)))
    assert export.finished_at == NOW
    assert len(export.token) == 43
    assert drafts() == []


def test_a_file_can_be_read_by_this_program_alone(project: Project) -> None:
    export = made(project, "voucher")

    assert Path(default_storage.path(export.file_name)).stat().st_mode & 0o777 == 0o600


def test_tokens_differ(project: Project) -> None:
    assert asked(project).token != asked(project).token


def test_a_worker_is_asked_once_the_transaction_commits(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        patch("redemptions.services.export.current_app") as celery,
        django_capture_on_commit_callbacks(execute=True),
    ):
        export = asked(project)

    celery.send_task.assert_called_once_with(
        "redemptions.tasks.run_export", [export.pk]
    )


def test_a_finished_export_is_not_made_again(project: Project) -> None:
    export = made(project, "voucher")

    assert run_export(export.pk, now=LATER) is False

    export.refresh_from_db()
    assert (export.attempt, export.finished_at) == (1, NOW)


def test_one_that_a_worker_left_is_begun_anew(project: Project) -> None:
    VoucherFactory(project=project, code="A")
    export = asked(project, parameters={"fields": ["code"]})
    with (
        patch.object(export_run, "write", side_effect=MemoryError),
        pytest.raises(MemoryError),
    ):
        run_export(export.pk, now=NOW)
    export.refresh_from_db()
    assert (export.status, export.tries) == ("IN_PROGRESS", 1)
    assert stale_exports(NOW) == []
    assert stale_exports(LATER) == [export.pk]

    assert run_export(export.pk, now=LATER) is False

    export.refresh_from_db()
    assert export.status == "DONE"
    assert content(export) == "Code\r\nA\r\n"
    assert drafts() == []


def test_one_that_kills_every_worker_fails_in_the_end(project: Project) -> None:
    export = asked(project)
    Export.objects.filter(pk=export.pk).update(tries=MOST_TRIES)

    assert run_export(export.pk, now=LATER) is False

    export.refresh_from_db()
    assert (export.status, export.finished_at) == ("ERROR", LATER)
    assert not default_storage.exists(export.file_name)
    assert stale_exports(LATER + timedelta(hours=1)) == []


def test_one_whose_fields_are_no_more_fails_and_says_why(project: Project) -> None:
    export = asked(project)
    Export.objects.filter(pk=export.pk).update(parameters={"fields": ["nonsense"]})

    run_export(export.pk, now=LATER)

    export.refresh_from_db()
    assert export.status == "ERROR"
    assert export.failure.startswith("Unsupported field used. Allowed fields: code, ")


def test_deleting_takes_the_file_and_then_the_row(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    export = made(project, "voucher")

    with django_capture_on_commit_callbacks(execute=True):
        delete_export(export, now=LATER)

    assert not default_storage.exists(export.file_name)
    assert not Export.objects.filter(pk=export.pk).exists()


def test_what_is_deleted_while_it_is_written_leaves_nothing(project: Project) -> None:
    export = asked(project)
    write = export_run.write

    def deleted_meanwhile(*rest: Any) -> int:
        delete_export(export, now=LATER)
        return write(*rest)

    with patch.object(export_run, "write", deleted_meanwhile):
        assert run_export(export.pk, now=LATER) is False

    assert not default_storage.exists(export.file_name)
    assert remove_withdrawn(LATER) == 1
    assert not Export.objects.filter(pk=export.pk).exists()


def test_after_ninety_days_the_file_goes_and_the_record_stays(
    project: Project,
) -> None:
    export, fresh = made(project, "voucher"), made(project, "order", now=LATER)
    assert withdraw_old_exports(NOW + KEPT - timedelta(seconds=1)) == 0

    assert withdraw_old_exports(NOW + KEPT) == 1
    assert remove_withdrawn(NOW + KEPT) == 1

    name, export = export.file_name, Export.objects.get(pk=export.pk)
    assert not default_storage.exists(name)
    assert (export.status, export.file_name) == ("DONE", "")
    assert not export.has_file(NOW)
    assert default_storage.exists(fresh.file_name)
    assert fresh.has_file(NOW + KEPT)
    assert remove_withdrawn(NOW + KEPT) == 0


def test_the_hourly_task_removes_what_is_old(project: Project) -> None:
    export = made(project, "voucher")
    Export.objects.filter(pk=export.pk).update(created_at=NOW - 2 * KEPT)

    remove_old_exports()

    assert not default_storage.exists(export.file_name)


def test_forgetting_a_customer_takes_every_file_that_may_name_them(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    ada = CustomerFactory(project=project, name="Ada")
    theirs = ProjectFactory()
    named = [made(project, kind) for kind in ("customer", "redemption", "order")]
    kept = [made(project, "product"), made(theirs, "customer")]

    with django_capture_on_commit_callbacks(execute=True):
        erase_customer(project, ada.pk, now=LATER)

    assert [default_storage.exists(one.file_name) for one in named] == [False] * 3
    assert [default_storage.exists(one.file_name) for one in kept] == [True] * 2
    assert {one.has_file(LATER) for one in Export.objects.filter(project=project)} == {
        False,
        True,
    }


def test_who_is_forgotten_while_a_file_is_written_is_not_in_it(
    project: Project,
) -> None:
    ada = CustomerFactory(project=project, name="Ada")
    CustomerFactory(project=project, name="Bob")
    export = asked(project, "customer", parameters={"fields": ["name"]})
    write = export_run.write

    def forgotten_after_reading(*rest: Any) -> int:
        rows = write(*rest)
        erase_customer(project, ada.pk, now=LATER)
        return rows

    with patch.object(export_run, "write", forgotten_after_reading):
        again = run_export(export.pk, now=NOW)

    assert again is True
    export.refresh_from_db()
    assert (export.status, export.tries) == ("IN_PROGRESS", 0)
    assert not default_storage.exists(export.file_name)
    assert run_export(export.pk, now=LATER) is False
    export.refresh_from_db()
    assert content(export) == "Name\r\nBob\r\n"


def test_a_restricted_caller_gets_what_it_reaches(project: Project) -> None:
    area = AreaFactory(project=project)
    mine, other = CampaignFactory.create_batch(2, project=project)
    put(mine, Place(area.pk))
    VoucherFactory(campaign=mine, code="MINE")
    VoucherFactory(campaign=other, code="OTHER")
    VoucherFactory(project=project, code="ALONE")
    with request_context.internal_work():
        places = frozenset([Place(area.pk)])
        request_context.bind_caller(places=places)
        export = asked(project, parameters={"fields": ["code"]})

    run_export(export.pk, now=NOW)

    export.refresh_from_db()
    assert content(export) == "Code\r\nMINE\r\n"
    everything = column(project, "voucher", "code", order="code")
    assert everything == ["ALONE", "MINE", "OTHER"]


def test_the_statements_do_not_grow_with_the_rows(project: Project) -> None:
    costs = []
    for rows in (1, 20):
        VoucherFactory.create_batch(rows, project=project)
        export = asked(project)
        with CaptureQueriesContext(connection) as statements:
            run_export(export.pk, now=NOW)
        costs.append(len(statements))

    assert costs[0] == costs[1]


def test_the_sweep_asks_again_for_what_is_left(project: Project) -> None:
    left, done = asked(project), made(project, "voucher")
    with patch("redemptions.tasks.run_export") as task:
        sweep_exports()

    task.delay.assert_called_once_with(left.pk)
    assert done.status == "DONE"


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_make_one_file_at_once() -> None:
    project = ProjectFactory()
    VoucherFactory(project=project, code="A")
    export = asked(project)

    at_once(*[lambda: run_export(export.pk, now=NOW)] * 4)

    export.refresh_from_db()
    assert export.status == "DONE"
    assert content(export).splitlines()[1].startswith("A,")


@pytest.mark.django_db(transaction=True)
def test_a_held_export_is_left_alone_and_can_be_deleted() -> None:
    export = asked(ProjectFactory())
    with transaction.atomic():
        assert export_files.hold(export)
        others = at_once(
            lambda: run_export(export.pk, now=LATER),
            lambda: stale_exports(LATER),
        )
        at_once(lambda: delete_export(export, now=LATER))
        deleted = Export.objects.get(pk=export.pk).deleted_at

    assert sorted(map(str, others)) == ["False", "[]"]
    assert deleted == LATER
    assert remove_withdrawn(LATER) == 1
