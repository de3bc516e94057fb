"""Taking back what an import has made, as far as nobody has used it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Voucher
from customers.models import Customer
from customers.services.customer import update_customer
from customers.services.row_work import CustomersCsv
from promo.clock import utc_now
from promo.errors import BadRequest
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction, ImportedStep, ReportRow
from promo.jobs.rows.keeping import REPORTS_KEPT, forget_old_rows
from promo.jobs.rows.start import resume_action, start_row_work, stop_action
from promo.jobs.rows.undo import undo_import
from promo.tenancy.models import Project
from promo.tenancy.services.roles import create_role
from redemptions.services.order import create_order
from tests.admin_site import NOW, Person, make_project, page_of, sign_in, text_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.customers import CustomerFactory
from tests.fixtures.rows import run_to_end
from tests.outbox import events_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
PEOPLE = b"source_id,name\nada,Ada\nbob,Bob\neve,Eve\n"


@pytest.fixture
def shop() -> Project:
    return make_project()


def imported(
    project: Project,
    rows: bytes = PEOPLE,
    kind: str = "CUSTOMERS.IMPORT_CSV",
    **of: str,
) -> AsyncAction:
    action = start_row_work(
        project=project, kind=kind, chunks=[rows], now=NOW, arguments=of
    )
    return run_to_end(action.pk)


def undone(action: AsyncAction) -> AsyncAction:
    return run_to_end(undo_import(action, now=LATER).pk)


def alive(project: Project) -> set[str]:
    rows = Customer.objects.alive().filter(project=project)
    return set(rows.values_list("source_id", flat=True))


def test_customers_that_nothing_has_happened_to_go_and_others_stay(
    shop: Project,
) -> None:
    CustomerFactory(project=shop, source_id="old", name="Old")
    CustomerFactory(project=shop, source_id="bob", name="Robert")
    action = imported(shop, PEOPLE + b"kim,Kim\nlou,Lou\n")
    create_order(
        project=shop, now=NOW, source_id="o-1", amount=5, customer={"source_id": "eve"}
    )
    update_customer(shop.customers.get(source_id="kim"), now=LATER, name="Kimberly")

    undo = undone(action)

    assert alive(shop) == {"old", "bob", "eve", "kim"}
    assert (undo.result["done_count"], undo.result["failed_count"]) == (2, 2)
    reasons = dict(ReportRow.objects.filter(action=undo).values_list("name", "reason"))
    assert reasons == {
        "eve": "Codes, orders, redemptions or events refer to the customer",
        "kim": "Changed since the import",
    }
    assert events_of(shop).count("customer.deleted") == 2


def test_codes_that_nobody_has_used_go_with_their_count(shop: Project) -> None:
    campaign = CampaignFactory(project=shop, vouchers_count=0)
    action = imported(
        shop,
        b"code\nFREE-1\nFREE-2\nUSED\nHELD\nCHANGED\n",
        "CAMPAIGN.VOUCHERS_IMPORT_CSV",
        campaign_id=campaign.pk,
    )
    campaign.refresh_from_db()
    assert campaign.vouchers_count == 5
    rows = Voucher.objects.filter(project=shop)
    rows.filter(code="USED").update(redeemed_quantity=1)
    rows.filter(code="HELD").update(holder=CustomerFactory(project=shop))
    rows.filter(code="CHANGED").update(updated_at=LATER)

    undo = undone(action)

    left = Voucher.objects.alive().filter(project=shop).values_list("code", flat=True)
    assert set(left) == {"USED", "HELD", "CHANGED"}
    campaign.refresh_from_db()
    assert campaign.vouchers_count == 3
    reasons = dict(ReportRow.objects.filter(action=undo).values_list("name", "reason"))
    assert reasons == {
        "USED": "It was used",
        "HELD": "A customer holds it",
        "CHANGED": "Changed since the import",
    }


def test_what_was_taken_back_can_be_brought_in_again(shop: Project) -> None:
    rows = b"code,voucher type,discount type,value\nA1,DISCOUNT_VOUCHER,PERCENT,10\n"
    undone(imported(shop, rows, "VOUCHERS.IMPORT_CSV"))
    assert not Voucher.objects.alive().filter(project=shop).exists()

    again = imported(shop, rows, "VOUCHERS.IMPORT_CSV")

    assert again.result["done_count"] == 1
    assert Voucher.objects.alive().get(project=shop).code == "A1"


def test_an_import_is_taken_back_once(shop: Project) -> None:
    action = imported(shop)
    undone(action)

    with pytest.raises(BadRequest, match="Nothing of it can be taken back"):
        undo_import(action, now=LATER)

    assert AsyncAction.objects.count() == 2


def test_what_was_only_changed_is_not_taken_back(shop: Project) -> None:
    for name in ("ada", "bob", "eve"):
        CustomerFactory(project=shop, source_id=name)
    action = imported(shop)

    with pytest.raises(BadRequest):
        undo_import(action, now=LATER)

    assert alive(shop) == {"ada", "bob", "eve"}


def test_a_stopped_import_that_is_taken_back_goes_on_no_more(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CustomersCsv, "batch", 1)
    action = start_row_work(
        project=shop, kind="CUSTOMERS.IMPORT_CSV", chunks=[PEOPLE], now=NOW
    )
    run_step(action.pk, now=NOW)
    with pytest.raises(BadRequest):
        undo_import(action, now=NOW)
    stopped = stop_action(action, now=NOW)

    undone(stopped)

    assert alive(shop) == set()
    with pytest.raises(BadRequest):
        resume_action(stopped, now=LATER)


def test_all_steps_of_an_import_are_taken_back_bit_by_bit(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CustomersCsv, "batch", 7)
    monkeypatch.setattr(CustomersCsv, "undo_batch", 3)
    CustomerFactory(project=shop, source_id="c3")
    rows = b"source_id,name\n" + b"".join(b"c%d,Kim\n" % n for n in range(20))
    action = imported(shop, rows)
    made = [len(step.keys) for step in ImportedStep.objects.order_by("pk")]

    undo = undone(action)

    assert made == [6, 7, 6]
    assert alive(shop) == {"c3"}
    assert undo.progress["done"] == undo.progress["total"] == 19
    assert undo.result["done_count"] == 19


def test_it_goes_batch_by_batch_at_the_same_cost(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cost(batch: int, rows: bytes) -> int:
        monkeypatch.setattr(CustomersCsv, "undo_batch", batch)
        undo = undo_import(imported(shop, rows), now=LATER)
        with CaptureQueriesContext(connection) as caught:
            run_step(undo.pk, now=LATER)
        run_to_end(undo.pk)
        assert alive(shop) == set()
        return len(caught)

    many = b"source_id\n" + b"".join(b"c%d\n" % n for n in range(30))

    assert cost(2, many) == cost(20, many)


def test_a_person_takes_it_back_from_its_page(shop: Project) -> None:
    action = imported(shop)
    anna = sign_in(shop, "USER")
    assert "Take back" in text_of(anna.open(action))

    answer = anna.run(action, "undo")

    undo = AsyncAction.objects.get(type="CUSTOMERS.IMPORT_UNDO")
    assert answer["Location"] == page_of(undo)
    run_to_end(undo.pk)
    shown = text_of(anna.open(undo))
    assert "Taking back of imported customers" in shown
    assert "3 customer(s) taken back, 0 in use and kept." in shown
    assert "Take back" not in text_of(anna.open(action))


def test_who_may_delete_no_customers_takes_nothing_back(shop: Project) -> None:
    action = imported(shop)
    role = create_role(
        project=shop,
        now=NOW,
        name="Brings in",
        permissions=["async_actions.read", "customers.read", "customers.modify"],
    )
    person: Person = sign_in(shop, role.pk, "brings@example.com")

    answer: Any = person.run(action, "undo")

    assert answer.status_code in {302, 403}
    assert AsyncAction.objects.count() == 1
    assert alive(shop) == {"ada", "bob", "eve"}


def test_what_an_import_made_is_known_as_long_as_its_report(shop: Project) -> None:
    imported(shop)
    assert [len(step.keys) for step in ImportedStep.objects.all()] == [3]

    forget_old_rows(utc_now() + REPORTS_KEPT + timedelta(days=1))

    assert not ImportedStep.objects.exists()
