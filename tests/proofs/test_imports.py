"""A file goes in whole and once, however often workers are killed: ``make proof``."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from promo.clock import utc_now
from promo.jobs.models import AsyncAction, ReportRow, UploadPart
from promo.jobs.rows.start import start_row_work
from promo.outbox.models import DomainEvent
from tests.factories.tenancy import ProjectFactory
from tests.proofs.conftest import Shown
from tests.proofs.killing import DEATHS, ROWS, Killer, of_many_rows
from tests.proofs.workers import installed

#: Every so manieth row is wrong.
WRONG = 1_000
GOOD = ROWS - ROWS // WRONG

pytestmark = [pytest.mark.django_db(transaction=True), of_many_rows]


def people(file: int) -> Iterator[bytes]:
    """Return the bytes of a file with so many people, some with a wrong birthdate."""
    yield b"source_id,name,birthdate,tier\n"
    for number in range(1, ROWS + 1):
        born = "never" if number % WRONG == 0 else "1990-05-17"
        yield f"c{file}-{number},Name {number},{born},gold\n".encode()


def test_an_import_survives_the_death_of_its_workers(
    tmp_path: Path, shown: Shown
) -> None:
    project = ProjectFactory.create()
    actions = list[AsyncAction]()

    with installed(tmp_path) as installation:
        killer = Killer(installation)
        while killer.deaths:
            action = start_row_work(
                project=project,
                kind="CUSTOMERS.IMPORT_CSV",
                chunks=people(len(actions)),
                now=utc_now(),
            )
            killer.work_on(action)
            actions.append(action)

    expected = len(actions) * GOOD
    stored = list(project.customers.values_list("source_id", flat=True))
    events = DomainEvent.objects.filter(project=project)
    outcomes = {"done": len(stored), "killed": len(killer.killed)}
    shown("customers of files", len(set(stored)), expected, outcomes, 0)
    assert len(stored) == len(set(stored)) == expected
    assert Counter(events.values_list("type", flat=True)) == {
        "customer.created": expected
    }
    for action in actions:
        assert_reported_right(action)
    assert not UploadPart.objects.exists()
    assert sorted(killer.killed) == sorted(DEATHS)


def assert_reported_right(action: AsyncAction) -> None:
    action.refresh_from_db()
    reported = ReportRow.objects.filter(action=action).values_list("number", flat=True)
    assert action.status == "DONE"
    assert action.result["done_count"] == GOOD
    assert action.result["failed_count"] == ROWS - GOOD
    assert list(reported) == list(range(WRONG, ROWS + 1, WRONG))
