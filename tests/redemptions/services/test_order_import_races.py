"""Imports of orders at the same moment as other work on the same things."""

from functools import partial
from typing import Any

import pytest

from campaigns.models import Product
from customers.models import Customer
from customers.services import unannounced
from customers.services.upsert import CustomerDraft, upsert_customers
from promo.clock import utc_now
from promo.jobs import actions
from promo.jobs.actions import run_step
from promo.jobs.models import ActionStatus, AsyncAction
from promo.jobs.rows.start import json_lines, start_row_work
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from redemptions.models import Order
from redemptions.services import order_import
from redemptions.services.order import create_order
from redemptions.services.order_import import OrdersImport
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = 60


class _Worker:
    """Runs at once what a worker is asked to run later."""

    def send_task(self, _name: str, arguments: list[str]) -> None:
        run_through(arguments[0])


def run_through(action_id: str) -> None:
    while run_step(action_id, now=utc_now()):
        pass


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose imports take several steps; nobody runs them yet."""
    monkeypatch.setattr(OrdersImport, "batch", 25)
    made: Project = ProjectFactory.create()
    return made


def sent(n: int, amount: int) -> dict[str, Any]:
    product = {"source_id": f"p-{n % 20}", "price": amount, "override": True}
    return {
        "source_id": f"o-{n}",
        "status": "PAID",
        "customer": {"source_id": f"c-{n % 30}", "name": str(amount)},
        "items": [{"product": product, "quantity": 1}],
    }


def begin(project: Project, orders: list[dict[str, Any]]) -> str:
    action = start_row_work(
        project=project, kind="ORDERS.IMPORT", chunks=json_lines(orders), now=NOW
    )
    return str(action.pk)


def test_two_imports_of_the_same_orders_run_one_after_the_other(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = [
        begin(project, [sent(n, amount) for n in order])
        for amount, order in ((100, range(ORDERS)), (200, range(ORDERS)[::-1]))
    ]
    monkeypatch.setattr(actions, "current_app", _Worker())

    at_once(*(partial(run_through, one) for one in begun))

    ended = AsyncAction.objects.order_by("finished_at")
    assert [one.status for one in ended] == [ActionStatus.DONE] * 2
    assert [one.result["done_count"] for one in ended] == [ORDERS] * 2
    assert Order.objects.count() == ORDERS
    # All of the first, then all of the second.
    last = 100 if ended.last().pk == begun[0] else 200
    assert set(Order.objects.values_list("amount", flat=True)) == {last}
    assert set(Product.objects.exclude(source_id="5h1pp1ng").values_list("price")) == {
        (last,)
    }
    assert Customer.objects.count() == 30


def test_an_import_and_requests_keep_one_order_and_one_customer_each(
    project: Project,
) -> None:
    begun = begin(project, [sent(n, 100) for n in range(ORDERS)])

    def ask() -> None:
        for n in range(0, ORDERS, 3):
            create_order(project=project, now=NOW, **sent(n, 300))

    def greet() -> None:
        for n in range(29, -1, -1):
            drafts = [CustomerDraft(source_id=f"c-{n}", values={"email": f"{n}@x.io"})]
            upsert_customers(project, drafts, NOW)

    def relay() -> None:
        for _ in range(5):
            publish_batch(now=utc_now())

    at_once(partial(run_through, begun), ask, greet, relay)
    publish_batch(now=utc_now())

    action = AsyncAction.objects.get()
    assert (action.status, action.result["failed"]) == (ActionStatus.DONE, [])
    assert Order.objects.count() == ORDERS
    assert set(Order.objects.values_list("amount", flat=True)) <= {100, 300}
    assert Customer.objects.count() == 30
    assert Product.objects.exclude(source_id="5h1pp1ng").count() == 20
    for customer in Customer.objects.all():
        orders = Order.objects.filter(customer=customer)
        spent = sum(orders.values_list("amount", flat=True))
        assert customer.summary["orders"]["total_amount"] == spent
        assert customer.email == f"{customer.source_id[2:]}@x.io"


def blind_once(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Let a look-up find nothing when it is first asked, as if it came too early."""
    real, asked = getattr(module, name), []

    def look(*args: Any, **kwargs: Any) -> Any:
        asked.append(args)
        return [] if len(asked) == 1 else real(*args, **kwargs)

    monkeypatch.setattr(module, name, look)


@pytest.mark.parametrize(
    ("module", "name"),
    [(order_import, "_held_orders"), (unannounced, "named_customers")],
)
def test_what_somebody_else_has_just_stored_is_changed(
    project: Project, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    create_order(project=project, now=NOW, **sent(1, 100))
    blind_once(monkeypatch, module, name)

    run_through(begin(project, [sent(1, 200), sent(2, 200)]))

    assert AsyncAction.objects.get().result["done_count"] == 2
    stored = Order.objects.order_by("source_id").values_list("source_id", "amount")
    assert list(stored) == [("o-1", 200), ("o-2", 200)]
    names = Customer.objects.order_by("source_id").values_list("source_id", "name")
    assert list(names) == [("c-1", "200"), ("c-2", "200")]
