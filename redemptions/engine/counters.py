"""What is counted of redemptions, and under which names.

A counter has a subject, the wire id of a campaign or an incentive, and a bucket that
says what is counted, for whom and in which window: ``count``, ``count:d2027-03-14``,
``count:customer:<hex>:w2027-03-08``, ``orders``, ``discounted``, ``gift``. A window is
named by its first day in the project's zone. Money is minor units.

Every redemption names all the counters it adds to, also those that no rule reads yet:
whoever limits one later starts from what the stored redemptions name.

Source: rules specification, "Counters and budgets".
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Literal

from promo.calendar_windows import Calendar, first_of_week
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.telling import Told

CounterKey = tuple[str, str]
Measure = Literal["count", "orders", "discounted", "gift"]
Amounts = Mapping[Measure, int]

ORDERS: Measure = "orders"


@dataclass(frozen=True, slots=True)
class CounterKind:
    """What a rule counts: whose redemptions, what of them, by whom, since when.

    ``scope`` is the campaign or the incentive, ``window`` a day, week or month.
    """

    scope: Literal["campaign", "incentive"]
    measure: Measure = "count"
    by: Literal["customer", "key", "user"] | None = None
    window: Literal["d", "w", "m"] | None = None


#: Every rule that compares a counter, by name.
COUNTERS: Mapping[str, CounterKind] = {
    "campaign.redemptions.count": CounterKind("campaign"),
    "campaign.redemptions.count.daily": CounterKind("campaign", window="d"),
    "campaign.redemptions.count.weekly": CounterKind("campaign", window="w"),
    "campaign.redemptions.count.monthly": CounterKind("campaign", window="m"),
    "campaign.redemptions.customers_count": CounterKind("campaign", by="customer"),
    "campaign.redemptions.customers_count.daily": CounterKind(
        "campaign", by="customer", window="d"
    ),
    "campaign.redemptions.customers_count.weekly": CounterKind(
        "campaign", by="customer", window="w"
    ),
    "campaign.redemptions.customers_count.monthly": CounterKind(
        "campaign", by="customer", window="m"
    ),
    "redemption.count.daily": CounterKind("incentive", window="d"),
    "redemption.count.weekly": CounterKind("incentive", window="w"),
    "redemption.count.monthly": CounterKind("incentive", window="m"),
    "redemption.count.per_customer": CounterKind("incentive", by="customer"),
    "redemption.count.per_customer.daily": CounterKind(
        "incentive", by="customer", window="d"
    ),
    "redemption.count.per_customer.weekly": CounterKind(
        "incentive", by="customer", window="w"
    ),
    "redemption.count.per_customer.monthly": CounterKind(
        "incentive", by="customer", window="m"
    ),
    "redemption.count.per_api_key": CounterKind("incentive", by="key"),
    "redemption.count.per_user": CounterKind("incentive", by="user"),
    "campaign.orders.amount": CounterKind("campaign", "orders"),
    "campaign.orders.amount_discounted": CounterKind("campaign", "discounted"),
    "redemption.gift.amount": CounterKind("campaign", "gift"),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """What has been counted so far, and what the redemption being decided adds.

    ``used`` holds what stands, earlier redeemables of the request included; what it
    does not name is 0. ``buckets`` names the counters of this request by rule, without
    those that need somebody unknown. ``ordered`` are the campaigns that have counted
    this order's value already. ``adds`` lacks what is not calculated yet.
    """

    used: Mapping[CounterKey, int] = field(default_factory=dict)
    buckets: Mapping[str, str] = field(default_factory=dict)
    ordered: AbstractSet[str] = frozenset()
    adds: Amounts = field(default_factory=dict)

    def adding(self, adds: Amounts) -> "Usage":
        """Return what has been counted, with what the redemption adds."""
        return Usage(self.used, self.buckets, self.ordered, adds)

    def key(self, name: str, redeemable: Redeemable) -> CounterKey | None:
        """Return the counter that the rule ``name`` reads, None when unknown."""
        bucket = self.buckets.get(name)
        subject = subject_of(COUNTERS[name], redeemable)
        return None if bucket is None or subject is None else (subject, bucket)

    def counted(self, redeemable: Redeemable) -> dict[CounterKey, int]:
        """Return everything that one redemption of ``redeemable`` adds to."""
        subjects = {"campaign": campaign_of(redeemable), "incentive": redeemable.id}
        found: dict[CounterKey, int] = {}
        for name, bucket in self.buckets.items():
            kind = COUNTERS[name]
            subject, amount = subjects[kind.scope], self.adds.get(kind.measure)
            if subject is not None and amount:
                found[subject, bucket] = amount
        return found


def usage_of(facts: Facts) -> Usage:
    """Return what was counted before this request."""
    return Usage(facts.used, Told(partial(buckets_of, facts)), facts.ordered)


def campaign_of(redeemable: Redeemable) -> str | None:
    """Return whose campaign counters count it: a standalone voucher has its own."""
    campaign = redeemable.campaign
    return redeemable.id if campaign is None else campaign.id


def subject_of(kind: CounterKind, redeemable: Redeemable) -> str | None:
    """Return the wire id of what ``kind`` counts for ``redeemable``."""
    return campaign_of(redeemable) if kind.scope == "campaign" else redeemable.id


def buckets_of(facts: Facts) -> dict[str, str]:
    """Return the bucket of every rule that this request can tell."""
    calendar = Calendar(facts.now, facts.time_zone, facts.week_starts_on)
    return _buckets(_persons(facts), calendar)


def shared_buckets(calendar: Calendar) -> dict[str, str]:
    """Return the bucket of every rule that counts for everybody together."""
    return _buckets({None: ""}, calendar)


def _buckets(persons: Mapping[str | None, str], calendar: Calendar) -> dict[str, str]:
    today = calendar.today
    week = first_of_week(today, calendar.week_starts_on)
    windows = {
        "d": f":d{today.isoformat()}",
        "w": f":w{week.isoformat()}",
        "m": f":m{today.replace(day=1).isoformat()}",
        None: "",
    }
    return {
        name: f"{kind.measure}{persons[kind.by]}{windows[kind.window]}"
        for name, kind in COUNTERS.items()
        if kind.by in persons
    }


def _persons(facts: Facts) -> dict[str | None, str]:
    """Return who asks as part of a bucket; a login may be long and is digested."""
    persons: dict[str | None, str] = {None: ""}
    if facts.customer is not None and facts.customer.id is not None:
        persons["customer"] = customer_part(facts.customer.id)
    if facts.caller.api_key_id:
        persons["key"] = f":key:{facts.caller.api_key_id}"
    if facts.caller.user_login:
        digest = sha256(facts.caller.user_login.encode()).hexdigest()[:32]
        persons["user"] = f":user:{digest}"
    return persons


def customer_part(customer_id: str) -> str:
    """Return the part of a bucket that names a customer by wire id."""
    return f":customer:{customer_id.removeprefix('cust_')}"


def counters_read(
    redeemables: Iterable[Redeemable], usage: Usage
) -> frozenset[CounterKey]:
    """Return the counters that the rules of ``redeemables`` compare."""
    keys = (
        usage.key(rule.name, redeemable)
        for redeemable in redeemables
        for assigned in redeemable.rules
        for rule in assigned.rules.read_deeply
        if rule.name in COUNTERS
    )
    return frozenset(key for key in keys if key is not None)
