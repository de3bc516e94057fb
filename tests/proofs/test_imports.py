"""A file goes in whole and once, however often workers are killed: ``make proof``."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from promo.clock import utc_now
from promo.jobs.models import ReportRow, UploadPart
from promo.jobs.rows.start import start_row_work
from promo.outbox.models import DomainEvent
from tests.factories.tenancy import ProjectFactory
from tests.proofs.conftest import Shown
from tests.proofs.killing import KILLS, ROWS, kill_at_random, of_many_rows
from tests.proofs.workers import working

#: Every so manieth row is wrong.
WRONG = 1_000

pytestmark = [pytest.mark.django_db(transaction=True), of_many_rows]


def people() -> Iterator[bytes]:
    """Return the bytes of a file with so many people, some with a wrong birthdate."""
    yield b"source_id,name,birthdate,tier\n"
    for number in range(1, ROWS + 1):
        born = "never" if number % WRONG == 0 else "1990-05-17"
        yield f"c{number},Name {number},{born},gold\n".encode()


def test_an_import_survives_its_workers(tmp_path: Path, shown: Shown) -> None:
    project = ProjectFactory.create()
    wrong = ROWS // WRONG

    with working(tmp_path) as worker:
        action = start_row_work(
            project=project, kind="CUSTOMERS.IMPORT_CSV", chunks=people(), now=utc_now()
        )
        killed = kill_at_random(worker, action, begun=project.customers.exists)

    action.refresh_from_db()
    stored = set(project.customers.values_list("source_id", flat=True))
    told = Counter(
        DomainEvent.objects.filter(project=project).values_list("type", flat=True)
    )
    reported = ReportRow.objects.filter(action=action).values_list("number", flat=True)
    outcomes = {"done": project.customers.count(), "killed": killed}
    shown("customers of a file", len(stored), ROWS - wrong, outcomes, 0)
    assert project.customers.count() == len(stored) == ROWS - wrong
    assert action.status == "DONE"
    assert action.result["done_count"] == ROWS - wrong
    assert action.result["failed_count"] == wrong
    assert list(reported) == list(range(WRONG, ROWS + 1, WRONG))
    assert told == {"customer.created": ROWS - wrong}
    assert not UploadPart.objects.exists()
    assert killed == KILLS
