"""An offer held against orders that there were: which would have got it, at what cost.

The orders are decided about in the order in which they came, each at its own moment,
and what one uses up counts for those behind it. What the offer was used for outside
the backtest does not count.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from redemptions.engine.counters import CounterKey
from redemptions.engine.decide import decide
from redemptions.engine.decision import Entry, Status
from redemptions.engine.explanation import entry_as_trace
from redemptions.engine.facts import CustomerFacts, Facts, OrderFacts, Redeemable
from redemptions.engine.order import opening_state
from redemptions.engine.story import RULES

Json = Mapping[str, Any]

#: The check that an order fails which the offer would have taken nothing off.
NOTHING_OFF = "effect"


@dataclass(frozen=True, slots=True)
class Past:
    """An order before any discount, when it was made and by whom.

    ``id`` is the wire id of the order, ``name`` what its shop calls it.
    """

    id: str
    name: str
    at: datetime
    order: OrderFacts
    customer: CustomerFacts | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An order that would have got the offer: its value, what is taken off, and why.

    ``trace`` is that of the redeemable that applies.
    """

    past: Past
    value: int
    taken: int
    trace: Json


@dataclass(frozen=True, slots=True)
class Miss:
    """One reason for which orders would not have got it, and the first such order.

    ``check`` is as the trace of that order has it. For a rule, ``held`` is its set
    and ``rule`` the rule itself.
    """

    count: int
    past: Past
    trace: Json
    check: Json
    held: Json = field(default_factory=dict)
    rule: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it; money is minor units.

    ``revenue`` is the value of all ``orders`` before discounts. ``hits`` are the
    largest first. An order may fail by several of ``misses``, the commonest first.
    """

    orders: int
    revenue: int
    hits: Sequence[Hit]
    misses: Sequence[Miss]

    @property
    def discount(self) -> int:
        """What would have been taken off altogether."""
        return sum(hit.taken for hit in self.hits)


def backtest(
    facts: Facts, offers: Sequence[Redeemable], pasts: Iterable[Past]
) -> Backtest:
    """Return what ``offers`` would have done to orders, the oldest first.

    Of several offers an order gets the one that takes off most. ``facts`` hold what
    is the same for all orders.
    """
    run = _Run(facts, {each.id or "": each for each in offers})
    for past in pasts:
        run.next_order(past)
    hits = sorted(run.hits, key=lambda hit: -hit.taken)
    misses = sorted(run.misses.values(), key=lambda miss: -miss.count)
    return Backtest(run.orders, run.revenue, hits, misses)


@dataclass(slots=True)
class _Run:
    """The orders seen so far, and what they have used up."""

    facts: Facts
    offers: dict[str, Redeemable]
    orders: int = 0
    revenue: int = 0
    used: dict[CounterKey, int] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    misses: dict[tuple[str, ...], Miss] = field(default_factory=dict)

    def next_order(self, past: Past) -> None:
        value = opening_state(past.order).amount or 0
        self.orders += 1
        self.revenue += value
        entries = [self._entry(each, past) for each in self.offers.values()]
        best = max(entries, key=lambda entry: entry.taken.amount, default=None)
        if best is not None and best.taken.amount > 0:
            self._use(best)
            trace = entry_as_trace(best)
            self.hits.append(Hit(past, value, best.taken.amount, trace))
            return
        self._miss(past, entries)

    def _entry(self, offer: Redeemable, past: Past) -> Entry:
        """Decide about one offer alone; a code is in the hands of who orders."""
        holder = past.customer.id if past.customer else None
        asked = replace(
            self.facts,
            now=past.at,
            order=past.order,
            customer=past.customer,
            redeemables=(replace(offer, holder_id=holder),),
            used=self.used,
        )
        [entry] = decide(asked).entries
        return entry

    def _use(self, entry: Entry) -> None:
        for key, amount in entry.counted().items():
            self.used[key] = self.used.get(key, 0) + amount
        offer_id = entry.redeemable.id or ""
        offer = self.offers[offer_id]
        times = offer.redeemed_quantity + 1
        self.offers[offer_id] = replace(offer, redeemed_quantity=times)

    def _miss(self, past: Past, entries: Sequence[Entry]) -> None:
        seen = set()
        for entry in entries:
            trace = entry_as_trace(entry)
            for key, found in _reasons(entry, past, trace):
                if key in seen:
                    continue
                seen.add(key)
                known = self.misses.get(key, found)
                count = self.misses[key].count + 1 if key in self.misses else 1
                self.misses[key] = replace(known, count=count)


def _reasons(
    entry: Entry, past: Past, trace: Json
) -> Iterator[tuple[tuple[str, ...], Miss]]:
    """Yield what kept an order from the offer, each under a key of its own."""
    if entry.status is Status.APPLICABLE:
        check = {"check": NOTHING_OFF, "passed": False}
        yield (NOTHING_OFF,), Miss(0, past, trace, check)
        return
    for check in trace["checks"]:
        if check["passed"]:
            continue
        if check["check"] not in RULES:
            yield (
                (check["check"], str(check.get("key", ""))),
                Miss(0, past, trace, check),
            )
            continue
        for held in check["rules"]:
            rules = {rule["key"]: rule for rule in held["rules"]}
            for key in held["decisive"] if not held["passed"] else ():
                found = Miss(0, past, trace, check, held, rules[key])
                yield (held["rule_id"], key), found
