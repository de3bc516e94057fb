"""Taking orders in that were made elsewhere, long ago.

Nobody is told of them, of their customers or of their products; only the segments look
at the customers anew, and who enters one is told.

Source: data specification, "Orders, Import".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.services.described_catalogue import DescribedCatalogue
from customers.models import Customer
from customers.services.segment_placing import place_again
from customers.services.unannounced import People
from customers.services.upsert import CustomerDraft
from promo import sql_arrays
from promo.errors import PromoError, ResourceNotFound
from promo.ids import parse, parse_or_none
from promo.jobs.models import AsyncAction
from promo.jobs.rows.cells import day
from promo.jobs.rows.work import Row, RowResult, RowWork, refused
from promo.row_reader import RowReader
from promo.row_writer import Overtaken
from promo.tenancy.models import Project
from redemptions.engine.order import OrderState
from redemptions.models import Order, Redemption
from redemptions.services.customer_summary import refresh_summaries
from redemptions.services.described_items import described_in
from redemptions.services.order import (
    changes_customer,
    customer_stays,
    drafts_of,
    worked_out,
)
from redemptions.services.order_facts import items_to_use
from redemptions.services.order_lines import KnownItems, references_of
from redemptions.services.orders import ORDER_WRITER, write_state

_ORDER = RowReader(Order, "o")
# The text is put together from table and column names of our own model.
_NAMED = f"""
SELECT {_ORDER.columns} FROM {_ORDER.table} o
WHERE o.project_id = %s AND (o.id = ANY(%s::uuid[]) OR o.source_id = ANY(%s::text[]))
ORDER BY o.id FOR NO KEY UPDATE
"""  # noqa: S608
_WRITTEN = (
    *("status", "customer_id", "referrer_id", "amount", "initial_amount"),
    *("discount_amount", "items_discount_amount", "items", "metadata", "updated_at"),
)
_DAYS = ("birthdate", "birthday")
#: Each time something more is known, so this is never used up.
_TRIES = 100


class OrdersImport(RowWork):
    """Orders as their shop knows them; they count as made when they are taken."""

    label = "order(s)"
    batch = 500

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Create or change orders, in their order.

        Where somebody else stores the same at the same moment, all of it starts over,
        holding nothing: it is known then.
        """
        for _ in range(_TRIES):
            try:
                with transaction.atomic():
                    return import_orders(action.project, rows, now=now)
            except Overtaken:
                continue
        raise Overtaken


@dataclass(frozen=True, slots=True)
class _Given:
    """A row, the order it sends and whom that names, by role."""

    row: Row
    sent: Mapping[str, Any]
    people: Mapping[str, CustomerDraft]

    @property
    def name(self) -> str:
        return str(self.sent.get("source_id") or self.sent.get("id") or "")

    @property
    def items(self) -> Sequence[Mapping[str, Any]]:
        return self.sent.get("items") or ()


def import_orders(
    project: Project, rows: Sequence[Row], *, now: datetime
) -> list[RowResult]:
    """Store orders row after row, inside the transaction of the caller.

    A row that is refused changes nothing, neither its customer nor its products.

    1. Hold the orders that are known, then the customers, each in key order.
    2. Work every row out in memory, on top of the rows before it.
    3. Write customers, catalogue, orders: what is new in the order of source ids.
    4. Sum the customers up and place them in their segments.

    A constant number of statements, whatever the number of rows and lines.

    Raises:
        Overtaken: somebody else has stored a new source id; nothing is stored.
    """
    given = [_given(row) for row in rows]
    books = _Books(project, given, now)
    results = [books.take(each) for each in given]
    books.store()
    return results


def _given(row: Row) -> _Given:
    """Return what a row sends; when it was created is nobody's to say."""
    sent = {name: value for name, value in row.values.items() if name != "created_at"}
    for role in ("customer", "referrer"):
        if sent.get(role):
            sent[role] = sent[role] | {
                name: day(sent[role][name]) for name in _DAYS if sent[role].get(name)
            }
    return _Given(row, sent, drafts_of(sent))


class _Books:
    """Orders, customers and catalogue as the rows leave them."""

    def __init__(
        self, project: Project, given: Sequence[_Given], now: datetime
    ) -> None:
        self._project, self._now = project, now
        held = _held_orders(project, [each.sent for each in given])
        self._by_id = {order.pk: order for order in held}
        self._by_source = {order.source_id: order for order in held if order.source_id}
        self._redeemed = _redeemed(held)
        named = {draft.reference for each in given for draft in each.people.values()}
        owners = {order.customer_id for order in held if order.customer_id}
        self._people = People(project, named | owners, now=now)
        self._catalogue = _catalogue(project, given, held, now)
        self._fresh: set[str] = set()
        self._changed: set[str] = set()
        #: The customers whose figures and segments the rows change.
        self._concerned: set[str] = set()

    def take(self, given: _Given) -> RowResult:
        """Work one row out; say what came of it."""
        try:
            self._take(given)
        except PromoError as why:
            return refused(given.row, given.name, why)
        return RowResult(number=given.row.number, name=given.name)

    def _take(self, given: _Given) -> None:
        stored, sent = self._stored(given.sent), given.sent
        if stored is not None:
            sent = {**sent, "id": stored.pk}
        ahead = self._catalogue.ahead(*described_in(items_to_use(sent, stored)))
        known = KnownItems(ahead.known.products, ahead.known.skus)
        state = worked_out(self._project, sent, stored, known, now=self._now)
        self._check_customer(stored, given.people.get("customer"))
        # Last: from here on nothing is refused.
        found = self._people.take(list(given.people.values()))
        self._catalogue.keep(ahead)
        self._keep(stored, state, dict(zip(given.people, found, strict=True)))

    def _stored(self, sent: Mapping[str, Any]) -> Order | None:
        if not sent.get("id"):
            return self._by_source.get(sent.get("source_id") or "")
        found = self._by_id.get(sent["id"]) or self._by_source.get(sent["id"])
        if found is None:
            raise ResourceNotFound("order", sent["id"])
        return found

    def _check_customer(
        self, stored: Order | None, draft: CustomerDraft | None
    ) -> None:
        if stored is None or draft is None or stored.pk not in self._redeemed:
            return
        known = self._people.known(draft)
        is_new = known is None and not draft.id
        if is_new or changes_customer(stored, known):
            raise customer_stays()

    def _keep(
        self, stored: Order | None, state: OrderState, people: Mapping[str, Customer]
    ) -> None:
        order = copy(stored) if stored else Order(project=self._project)
        write_state(order, state)
        if stored is not None:
            order.updated_at = self._now
        self._concerned.update(one.pk for one in people.values())
        self._concerned.update({order.customer_id} - {None})
        for role, customer in people.items():
            setattr(order, f"{role}_id", customer.pk)
        (self._changed if stored else self._fresh).add(order.pk)
        self._by_id[order.pk] = order
        if order.source_id:
            self._by_source[order.source_id] = order

    def store(self) -> None:
        """Write everything, then look at the customers anew."""
        self._people.store()
        self._catalogue.store()
        fresh = [self._by_id[pk] for pk in self._fresh]
        ORDER_WRITER.insert_first(sorted(fresh, key=lambda one: one.source_id or ""))
        changed = [self._by_id[pk] for pk in sorted(self._changed - self._fresh)]
        if changed:
            ORDER_WRITER.update(changed, _WRITTEN)
        concerned = sorted(self._concerned)
        if concerned:
            refresh_summaries(self._project, concerned, now=self._now)
            place_again(self._project, concerned, now=self._now)


def _held_orders(project: Project, sent: Sequence[Mapping[str, Any]]) -> list[Order]:
    """Return the stored orders that rows name, held in key order."""
    names = {
        each[name] for each in sent for name in ("id", "source_id") if each.get(name)
    }
    keys = [key for name in names if (key := parse_or_none("ord_", name))]
    arguments = [
        parse("proj_", project.pk),
        sql_arrays.uuids(keys),
        sql_arrays.texts(names),
    ]
    orders = _ORDER.select(_NAMED, arguments) if names else []
    for order in orders:
        order.project = project
    return orders


def _redeemed(orders: Sequence[Order]) -> frozenset[str]:
    """Return the ids of orders that have redemptions."""
    if not orders:
        return frozenset()
    rows = Redemption.objects.filter(order__in=[order.pk for order in orders])
    return frozenset(rows.values_list("order_id", flat=True).distinct())


def _catalogue(
    project: Project, given: Sequence[_Given], held: Sequence[Order], now: datetime
) -> DescribedCatalogue:
    """Read what the lines of rows and of the orders they change name."""
    items = list(_items(given, held))
    named = references_of(items)
    products, skus = described_in(items)
    return DescribedCatalogue(
        project,
        (named.products, named.skus),
        ([one.source_id for one in products], [one.source_id for one in skus]),
        now=now,
    )


def _items(
    given: Iterable[_Given], held: Iterable[Order]
) -> Iterator[Mapping[str, Any]]:
    for each in given:
        yield from each.items
    for order in held:
        yield from order.items
