"""Caps on the units that a campaign or promotion tier ever discounts.

They take units away from what a discount reaches and never refuse it. What is
discounted is claimed at the redemption and returned by its rollback, under every name
that a cap may give it, also where no cap asks yet: one that comes later starts from
what was discounted before. The counters are those of ``engine.counters``; their buckets
begin with ``units:``.

Source: engine specification, "Caps on an entry".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256

from campaigns.engine.applicability import Entry, LastingCap
from redemptions.engine.claims import joined_limit
from redemptions.engine.counters import CounterKey, campaign_of, customer_part
from redemptions.engine.discountable import lists_of
from redemptions.engine.facts import Facts, ItemFacts, Line, Redeemable
from redemptions.engine.order import OrderState, Taken
from redemptions.engine.selection import Covered

#: What the bucket of a customer's counter ends with when nobody is known.
NOBODY = ":nobody"
# Ids of ours stand in a bucket as they are, all others digested.
_OWN_ID = re.compile(r"(prod|sku|pc)_\w{1,40}", re.ASCII)


def counters_needed(
    redeemables: Iterable[Redeemable], facts: Facts
) -> frozenset[CounterKey]:
    """Return the counters that the caps on this order's lines are held against."""
    found = (key for each in redeemables for key in _counters_of(each, facts))
    return frozenset(key for key in found if not _is_nobodys(key))


def _counters_of(redeemable: Redeemable, facts: Facts) -> Iterator[CounterKey]:
    if facts.order is None or not redeemable.has_lasting_caps:
        return
    lists = lists_of(redeemable, facts)
    for line in facts.order.lines:
        governing = lists.entry_for(line)
        if governing is not None:
            entry = lists.entries[governing]
            yield from (key for key, _ in _caps_on(entry, line, redeemable, facts))


def limits_on(
    entry: Entry, line: Line, redeemable: Redeemable, facts: Facts
) -> dict[CounterKey, int]:
    """Return the counters of units of ``line`` and how far ``entry`` lets them go.

    A customer nobody knows has a counter that is neither read nor claimed.
    """
    limits: dict[CounterKey, int] = {}
    for key, cap in _caps_on(entry, line, redeemable, facts):
        # Formulas have been worked out by now: every cap has its limit.
        limit = cap.limit or 0
        limits[key] = min(limits.get(key, limit), limit)
    return limits


def _caps_on(
    entry: Entry, line: Line, redeemable: Redeemable, facts: Facts
) -> Iterator[tuple[CounterKey, LastingCap]]:
    """Return the caps with their counters; formulas may not be worked out yet."""
    for cap in entry.lasting_caps:
        subject = _subject(cap.scope, redeemable)
        item = _counted(entry, line, by_member=cap.by_member)
        if subject is not None and item is not None:
            whose = _whose(facts) if cap.by_customer else ""
            yield (subject, f"units:{_named(item)}{whose}"), cap


def _counters_on(
    entry: Entry, line: Line, redeemable: Redeemable, facts: Facts
) -> dict[CounterKey, None]:
    """Return every counter that a cap on units of ``line`` may be held against.

    These are the line's SKU, its product, and what ``entry`` names, each for
    everybody and for the customer, in the campaign and the tier.
    """
    items = {
        _counted(entry, line, by_member=False): None,
        _counted(entry, line, by_member=True): None,
        _id(line.product): None,
        _id(line.sku): None,
    }
    endings = ("", _whose(facts))
    buckets = [
        f"units:{name}{ending}"
        for name in map(_named, filter(None, items))
        for ending in endings
    ]
    return {
        (subject, bucket): None
        for scope in ("campaign", "promotion_tier")
        if (subject := _subject(scope, redeemable)) is not None
        for bucket in buckets
    }


def _is_nobodys(key: CounterKey) -> bool:
    return key[1].endswith(NOBODY)


def _whose(facts: Facts) -> str:
    customer = facts.customer
    if customer is None or customer.id is None:
        return NOBODY
    return customer_part(customer.id)


@lru_cache(maxsize=4096)
def _named(item: str) -> str:
    if _OWN_ID.fullmatch(item):
        return item
    return f"x{sha256(item.encode()).hexdigest()[:32]}"


def _subject(scope: str, redeemable: Redeemable) -> str | None:
    """Return whose units are counted; a standalone voucher is its own campaign."""
    if scope == "campaign":
        return campaign_of(redeemable)
    return redeemable.id if redeemable.object == "promotion_tier" else None


def _counted(entry: Entry, line: Line, *, by_member: bool) -> str | None:
    """Return the id of what is counted: the entry's resource, or the member of it."""
    if entry.object == "products_collection":
        if not by_member:
            return entry.id
        return _id(_member(entry, line))
    item = line.sku if entry.object == "sku" else line.product
    return _id(item) or entry.id or entry.source_id


def _member(entry: Entry, line: Line) -> ItemFacts | None:
    """Return the product where the collection has it, else the SKU."""
    product = line.product
    if product is not None and (line.sku is None or entry.id in product.collections):
        return product
    return line.sku


def _id(item: ItemFacts | None) -> str | None:
    return None if item is None else item.id or item.source_id


def within_counters(
    covered: Sequence[Covered],
    state: OrderState,
    redeemable: Redeemable,
    facts: Facts,
    used: Mapping[CounterKey, int],
) -> tuple[Covered, ...]:
    """Return ``covered`` cut to the units that the counters still leave.

    ``used`` holds what stands, earlier redeemables of the request included.
    """
    if not redeemable.has_lasting_caps:
        return tuple(covered)
    taken: dict[CounterKey, int] = {}
    kept = []
    for each in covered:
        line = state.units[each.position].line
        limits = limits_on(each.entry, line, redeemable, facts)
        room = [
            max(0, limit - used.get(key, 0) - taken.get(key, 0))
            for key, limit in limits.items()
        ]
        units = each.units[: min(room, default=None)]
        for key in _counters_on(each.entry, line, redeemable, facts):
            taken[key] = taken.get(key, 0) + len(units)
        if units:
            kept.append(each._replace(units=units))
    return tuple(kept)


def units_discounted(
    covered: Sequence[Covered],
    taken: Taken,
    state: OrderState,
    redeemable: Redeemable,
    facts: Facts,
) -> dict[CounterKey, tuple[int, int | None]]:
    """Return how many units each counter takes, with the limit it is held against.

    None is the limit where no cap asks; the units are counted all the same.
    """
    counted: dict[CounterKey, tuple[int, int | None]] = {}
    for each in covered:
        units = _discounted(each, taken)
        if not units:
            continue
        line = state.units[each.position].line
        caps = each.entry.lasting_caps
        limits = limits_on(each.entry, line, redeemable, facts) if caps else {}
        for key in _counters_on(each.entry, line, redeemable, facts):
            if not _is_nobodys(key):
                earlier, limit = counted.get(key, (0, None))
                limit = joined_limit(limit, limits.get(key), units)
                counted[key] = earlier + units, limit
    return counted


def _discounted(covered: Covered, taken: Taken) -> int:
    change = taken.units.get(covered.position)
    if change is not None:
        return max(0, -change.quantity)
    return len(covered.units) if covered.position in taken.by_line else 0
