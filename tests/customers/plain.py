"""What filters say of people, told the plain way, and people to tell it of.

Nothing of the filter language is used here: an operator is a line that says what it
means. People are drawn as what stands at each path that a filter may ask about.

Source: data specification, "Filter grammar", "Attribute paths for customers".
"""

import re
from calendar import isleap
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from promo.clock import isoformat

# A Wednesday, 00:30 in Warsaw and still Tuesday in UTC; weeks begin on Monday.
ZONE = ZoneInfo("Europe/Warsaw")
NOW = datetime(2027, 3, 16, 23, 30, tzinfo=UTC)
TODAY = date(2027, 3, 17)
DAY = timedelta(1)

Facts = Mapping[str, Any]
Values = Sequence[Any]

#: The declared type of each path that people are drawn with; None for undeclared.
KINDS: dict[str, str | None] = {
    **dict.fromkeys(
        ("id", "source_id", "name", "email", "phone", "description", "source", "city"),
        "text",
    ),
    **dict.fromkeys(
        (
            "address.city",
            "address.state",
            "address.line_1",
            "address.line_2",
            "address.country",
            "address.postal_code",
        ),
        "text",
    ),
    "birthdate": "date",
    "birthday": "date",
    "created_at": "moment",
    "updated_at": "moment",
    **dict.fromkeys(
        (
            "summary.redemptions.total_redeemed",
            "summary.redemptions.total_failed",
            "summary.redemptions.total_succeeded",
            "summary.redemptions.total_rolled_back",
            "summary.redemptions.total_rollback_failed",
            "summary.redemptions.total_rollback_succeeded",
            "summary.redemptions.gift.redeemed_amount",
            "summary.redemptions.gift.amount_to_go",
            "summary.redemptions.loyalty_card.redeemed_points",
            "summary.redemptions.loyalty_card.points_to_go",
            "summary.orders.total_amount",
            "summary.orders.total_count",
            "summary.orders.average_amount",
            "summary.orders.last_order_amount",
            "loyalty.points",
            "loyalty.referred_customers",
            "loyalty_points.campaigns.Tiers 2.0.points",
            "loyalty_points.campaigns.Other.points",
            "events.car.rented.count",
            "events.never.count",
        ),
        "number",
    ),
    "summary.orders.last_order_date": "moment",
    "loyalty_tier.campaigns.Tiers 2.0": "text",
    "events.car.rented.first_occurred_at": "moment",
    "events.car.rented.last_occurred_at": "moment",
    "events.never.last_occurred_at": "moment",
    "metadata.team": "text",
    "metadata.size": "number",
    "metadata.vip": "flag",
    "metadata.since": "date",
    "metadata.seen": "moment",
    "metadata.home": "place",
    "metadata.free": None,
    "metadata.box.height": None,
    "metadata.pets.name": None,
    "system_metadata.origin": None,
}
PATHS = tuple(KINDS)
#: The same as a metadata schema declares them.
DECLARED = {
    "team": "string",
    "size": "number",
    "vip": "boolean",
    "since": "date",
    "seen": "datetime",
    "home": "geopoint",
}
INSIDE, OUTSIDE = "geo:52.24,21.00", "geo:50.06,19.94"
#: The names that conditions have for a location around INSIDE, and for none.
HERE, NOWHERE = "loc_here", "loc_nowhere"


# Reading values


def number(value: Any) -> Decimal | None:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+(\.\d+)?", value):
        return Decimal(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else None


def flag(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(text(value) or "")


def text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    found = value if isinstance(value, str) else number(value)
    return None if found is None else str(found)


def moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    written = r"\d{4}-\d\d-\d\d([T ]\d\d.*)?"
    if not isinstance(value, str) or not re.fullmatch(written, value):
        return None
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else datetime.combine(read, read.time(), ZONE)


def day(value: Any) -> date | None:
    read = moment(value)
    return None if read is None else read.astimezone(ZONE).date()


READERS: dict[str, Callable[[Any], Any]] = {
    "number": number,
    "flag": flag,
    "moment": moment,
    "date": day,
    "text": text,
    "place": text,
}


def both(fact: Any, value: Any, kind: str | None) -> tuple[Any, Any]:
    """Return a fact and a value as they compare."""
    if kind is None and isinstance(fact, bool):
        kind = "flag"
    if kind is None:
        kind = "text" if None in (number(fact), number(value)) else "number"
    return READERS[kind](fact), READERS[kind](value)


def same(fact: Any, value: Any, kind: str | None) -> bool:
    left, right = both(fact, value, kind)
    return left is not None and left == right


def above(fact: Any, value: Any, kind: str | None) -> int | None:
    """Return how a fact lies to a value: below 0, 0, or above it; None for neither."""
    left, right = both(fact, value, kind)
    if None in (left, right) or isinstance(left, bool) or kind == "place":
        return None
    return (left > right) - (left < right)


# The calendar


def monday(one: date) -> date:
    return one - one.weekday() * DAY


def month(one: date) -> int:
    return one.year * 12 + one.month


WINDOWS: dict[str, Callable[[date], bool]] = {
    "$today": lambda one: one == TODAY,
    "$yesterday": lambda one: one == TODAY - DAY,
    "$tomorrow": lambda one: one == TODAY + DAY,
    "$this_week": lambda one: monday(one) == monday(TODAY),
    "$last_week": lambda one: monday(one) == monday(TODAY) - 7 * DAY,
    "$next_week": lambda one: monday(one) == monday(TODAY) + 7 * DAY,
    "$this_month": lambda one: month(one) == month(TODAY),
    "$last_month": lambda one: month(one) == month(TODAY) - 1,
    "$next_month": lambda one: month(one) == month(TODAY) + 1,
    "$this_year": lambda one: one.year == TODAY.year,
    "$last_year": lambda one: one.year == TODAY.year - 1,
    "$next_year": lambda one: one.year == TODAY.year + 1,
}
_DAYS = [date(2026, 1, 1) + n * DAY for n in range(3 * 365 + 1)]
DAYS_OF = {name: [d for d in _DAYS if holds(d)] for name, holds in WINDOWS.items()}


def falls_on(born: date, one: date) -> bool:
    """Say whether ``one`` is an anniversary of ``born``."""
    if (born.month, born.day) == (2, 29) and not isleap(one.year):
        born = born.replace(day=28)
    return (born.month, born.day) == (one.month, one.day)


def days_between(born: date, step: int) -> int:
    """Return the days from today to an anniversary, going back (-1) or ahead (1)."""
    return next(n for n in range(367) if falls_on(born, TODAY + n * step * DAY))


def counted(found: int, asked: Any, holds: Callable[[int, Decimal], bool]) -> bool:
    limit = number(asked)
    return limit is not None and holds(found, limit)


def exactly(found: int, limit: Decimal) -> bool:
    return found == limit


def more(found: int, limit: Decimal) -> bool:
    return found > limit


def less(found: int, limit: Decimal) -> bool:
    return 0 <= found < limit


def on_day(holds: Callable[[date, Any], bool]) -> Callable[..., bool]:
    """Give ``holds`` the day of a fact and the first value; only dates have one."""

    def asked(fact: Any, values: Values, _: str | None) -> bool:
        read = day(fact)
        return read is not None and holds(read, values[0])

    return asked


def in_words(holds: Callable[[str, str], bool]) -> Callable[..., bool]:
    def asked(fact: Any, values: Values, _: str | None) -> bool:
        words = [word for value in values if (word := text(value)) is not None]
        return isinstance(fact, str) and any(holds(fact, word) for word in words)

    return asked


def part(of: Callable[[date], int]) -> Callable[..., bool]:
    def asked(fact: Any, values: Values, _: str | None) -> bool:
        read = day(fact)
        return read is not None and of(read) in [number(value) for value in values]

    return asked


def by_age(holds: Callable[[int], bool]) -> Callable[..., bool]:
    """Compare; a date is compared with a number by its age in days."""

    def asked(fact: Any, values: Values, kind: str | None) -> bool:
        days, read = number(values[0]), day(fact)
        if kind in {"date", "moment"} and days is not None:
            if read is None:
                return False
            age = (TODAY - read).days
            return holds((age > days) - (age < days))
        found = above(fact, values[0], kind)
        return found is not None and holds(found)

    return asked


def ordered(holds: Callable[[int], bool]) -> Callable[..., bool]:
    def asked(fact: Any, values: Values, kind: str | None) -> bool:
        found = above(fact, values[0], kind)
        return found is not None and holds(found)

    return asked


def timed(holds: Callable[[datetime, datetime], bool]) -> Callable[..., bool]:
    def asked(fact: Any, values: Values, _: str | None) -> bool:
        found, limit = moment(fact), moment(values[0])
        return found is not None and limit is not None and holds(found, limit)

    return asked


def is_inside(fact: Any, values: Values) -> bool | None:
    """Say whether a point is in a location named; None for what is no point."""
    if fact not in {INSIDE, OUTSIDE}:
        return None
    return fact == INSIDE and HERE in values


POSITIVE: dict[str, Callable[[Any, Values, str | None], bool]] = {
    "$is": lambda fact, values, kind: same(fact, values[0], kind),
    "$in": lambda fact, values, kind: any(same(fact, one, kind) for one in values),
    "$contains": in_words(lambda fact, word: word in fact),
    "$starts_with": in_words(lambda fact, word: fact.startswith(word)),
    "$ends_with": in_words(lambda fact, word: fact.endswith(word)),
    "$more_than": by_age(lambda found: found > 0),
    "$less_than": by_age(lambda found: found < 0),
    "$more_than_equal": ordered(lambda found: found >= 0),
    "$less_than_equal": ordered(lambda found: found <= 0),
    "$after": timed(lambda found, limit: found > limit),
    "$before": timed(lambda found, limit: found < limit),
    "$in_location": lambda fact, values, _: is_inside(fact, values) is True,
    "$is_day": part(lambda one: one.isoweekday() % 7),
    "$is_month": part(lambda one: one.month),
    "$is_year": part(lambda one: one.year),
    "$is_day_of_month": part(lambda one: one.day),
    "$is_years_ago": on_day(
        lambda one, n: (
            falls_on(one, TODAY) and counted(TODAY.year - one.year, n, exactly)
        )
    ),
    "$is_days_ago": on_day(lambda one, n: counted((TODAY - one).days, n, exactly)),
    "$more_than_ago": on_day(lambda one, n: counted((TODAY - one).days, n, more)),
    "$less_than_ago": on_day(lambda one, n: counted((TODAY - one).days, n, less)),
    "$is_days_in_future": on_day(
        lambda one, n: counted((one - TODAY).days, n, exactly)
    ),
    "$more_than_future": on_day(lambda one, n: counted((one - TODAY).days, n, more)),
    "$less_than_future": on_day(lambda one, n: counted((one - TODAY).days, n, less)),
    "$is_days_ago_md": on_day(
        lambda one, n: counted(days_between(one, -1), n, exactly)
    ),
    "$is_more_days_ago_md": on_day(
        lambda one, n: counted(days_between(one, -1), n, more)
    ),
    "$is_less_days_ago_md": on_day(
        lambda one, n: counted(days_between(one, -1), n, less)
    ),
    "$is_days_in_future_md": on_day(
        lambda one, n: counted(days_between(one, 1), n, exactly)
    ),
    "$is_more_days_in_future_md": on_day(
        lambda one, n: counted(days_between(one, 1), n, more)
    ),
    "$is_less_days_in_future_md": on_day(
        lambda one, n: counted(days_between(one, 1), n, less)
    ),
}
NEGATIVE = {"$is_not": "$is", "$not_in": "$in", "$not_contain": "$contains"}
COUNTS = {
    "$count": exactly,
    "$count_more": more,
    "$count_less": lambda found, limit: found < limit,
}
_OF_YEARS = ("$this_year", "$last_year", "$next_year")
ANNIVERSARIES = {f"{name}_md": name for name in WINDOWS if name not in _OF_YEARS}
OPERATORS = (
    *POSITIVE,
    *NEGATIVE,
    *COUNTS,
    *WINDOWS,
    *ANNIVERSARIES,
    "$has_value",
    "$is_unknown",
    "$not_in_location",
)


def holds(operator: str, fact: Any, values: Values, kind: str | None) -> bool:
    """Say whether one condition holds for what stands at a path."""
    if operator == "$has_value":
        return fact is not None
    if operator == "$is_unknown":
        return fact is None
    listed = fact if isinstance(fact, list) else [fact]
    elements = [one for one in listed if one is not None]
    if operator in COUNTS:
        return counted(len(elements), values[0], COUNTS[operator])
    if operator == "$not_in_location":
        places = [is_inside(one, values) for one in elements]
        return False in places and True not in places
    if operator in NEGATIVE:
        return not holds(NEGATIVE[operator], elements, values, kind)
    return any(_element_holds(operator, one, values, kind) for one in elements)


def _element_holds(operator: str, fact: Any, values: Values, kind: str | None) -> bool:
    if operator in WINDOWS:
        read = day(fact)
        return read is not None and WINDOWS[operator](read)
    if operator in ANNIVERSARIES:
        return _has_anniversary(fact, ANNIVERSARIES[operator])
    return POSITIVE[operator](fact, values, kind)


def _has_anniversary(fact: Any, window: str) -> bool:
    read = day(fact)
    return read is not None and any(falls_on(read, one) for one in DAYS_OF[window])


def belongs(body: Mapping[str, Any], facts: Facts) -> bool:
    """Say whether somebody belongs into the segment that ``body`` defines."""
    junction = body["junction"]
    found = [
        all(
            _condition_holds(path, operator, values, facts, junction)
            for operator, values in asked["conditions"].items()
        )
        for path, asked in body.items()
        if path != "junction"
    ]
    return any(found) if junction == "or" else all(found)


def _condition_holds(
    path: str, operator: str, values: Values, facts: Facts, junction: str
) -> bool:
    fact = facts.get(path)
    if path == "email":
        fact, values = _lowered(fact), [_lowered(one) for one in values]
    if operator == "$is" and junction == "or":
        operator = "$in"
    if path in {"birthdate", "birthday"} and operator in WINDOWS:
        elements = [] if fact is None else [fact]
        return any(_has_anniversary(one, operator) for one in elements)
    return holds(operator, fact, values, KINDS[path])


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


# People and filters to try


TEXTS = ("Ada", "ada", "Ada L", "Eve", "5", "5.0", "-3", "true", "2027-03-17")
NUMBERS = (0, 1, 2, 3, 5, 40, 12_000)
_NEAR = (-800, -366, -365, -31, -8, -7, -2, -1, 0, 1, 2, 6, 7, 31, 300, 365)
DATES = (
    *((TODAY + n * DAY).isoformat() for n in _NEAR),
    *("1990-03-17", "2024-02-29", "2017-03-17", "1988-02-28", "1999-12-31"),
)
_HOURS = (-9_000, -200, -49, -25, -24, -1, 0, 1, 23, 24, 100)
_INSTANTS = [NOW + timedelta(hours=n) for n in _HOURS]
#: Moments as answers show them, and some as others write them.
MOMENTS = tuple(isoformat(instant) for instant in _INSTANTS)
ELSEWHERE = tuple(instant.astimezone(ZONE).isoformat() for instant in _INSTANTS[::3])
ANYTHING = (
    *(*TEXTS, *NUMBERS, 4.5, True, False, None),
    *(*DATES[::3], *MOMENTS[::4], *ELSEWHERE),
)
_POOLS: dict[str | None, Sequence[Any]] = {
    "text": TEXTS,
    "number": NUMBERS,
    "date": DATES,
    "moment": MOMENTS,
    "flag": (True, False),
    "place": (INSIDE, OUTSIDE, "Warsaw"),
    None: ANYTHING,
}
#: What is always there, by the first part of the path.
_ALWAYS = ("id", "source", "created_at", "summary", "loyalty")
_LISTS = frozenset({"metadata.team", "metadata.home", "metadata.free"})
#: Paths whose facts follow from others.
_DERIVED = frozenset(
    {"id", "city", *(path for path in KINDS if path.startswith("events."))}
)


def _at(path: str) -> st.SearchStrategy[Any]:
    """Return what may stand at a path."""
    fact = st.sampled_from(_POOLS[KINDS[path]])
    if path == "metadata.pets.name":
        return st.none() | st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)
    if path in _LISTS:
        return st.none() | fact | st.lists(fact, max_size=3)
    if path.split(".", maxsplit=1)[0] in _ALWAYS and not path.endswith("_date"):
        return fact
    return st.none() | fact


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """Return what stands at every path of somebody."""
    drawn = st.fixed_dictionaries({p: _at(p) for p in KINDS if p not in _DERIVED})
    facts = draw(drawn)
    facts["id"] = f"cust_{draw(st.integers(0, 2**64)):032x}"
    facts["city"] = facts["address.city"]
    facts["birthdate"] = facts["birthdate"] or facts["birthday"]
    count = draw(st.integers(0, 3))
    first, last = sorted(draw(st.tuples(*[st.sampled_from(_HOURS)] * 2)))
    times = [NOW + timedelta(hours=n) if count else None for n in (first, last)]
    facts |= {
        "events.car.rented.count": count,
        "events.car.rented.first_occurred_at": times[0],
        "events.car.rented.last_occurred_at": times[1],
        "events.never.count": 0,
        "events.never.last_occurred_at": None,
    }
    return facts


_DAYS_ASKED = (*range(-1, 13), 30, 31, 364, 365, 366, 2026, 2027, 5.0, "7", "soon")
_PLACES = st.sampled_from((HERE, NOWHERE, INSIDE, 5))
#: What conditions are asked with, by operators that ask alike.
_ASKED_OF: dict[frozenset[str], st.SearchStrategy[Any]] = {
    frozenset(
        one
        for one in OPERATORS
        if one in COUNTS or "ago" in one or "future" in one or one.startswith("$is_")
    )
    - {"$is_not", "$is_unknown"}: st.sampled_from(_DAYS_ASKED),
    frozenset({"$after", "$before"}): st.sampled_from(
        (*DATES, *MOMENTS, *ELSEWHERE, "soon", 5)
    ),
    frozenset({"$in_location", "$not_in_location"}): _PLACES,
}


@st.composite
def operands(draw: st.DrawFn, path: str, own: Any = None) -> dict[str, list[Any]]:
    """Return the values that each operator is asked with at ``path``.

    ``own`` is what stands there: many conditions are about that or something near.
    """
    near = st.sampled_from(_POOLS[KINDS[path]]) | st.sampled_from(ANYTHING)
    if isinstance(own, str | int | float):
        near |= st.just(own)
    if KINDS[path] in {"date", "moment"}:
        near |= st.sampled_from(_DAYS_ASKED)
    drawn = {
        alike: draw(st.lists(asked, min_size=1, max_size=2))
        for alike, asked in _ASKED_OF.items()
    }
    others = draw(st.lists(near, min_size=1, max_size=3))
    return {
        operator: next((drawn[a] for a in drawn if operator in a), others)
        for operator in OPERATORS
    }


@st.composite
def filters(draw: st.DrawFn, facts: Facts) -> dict[str, Any]:
    """Return a filter of one to three attributes with one or two conditions each."""
    body: dict[str, Any] = {"junction": draw(st.sampled_from(("and", "or")))}
    paths = st.lists(st.sampled_from(PATHS), min_size=1, max_size=3, unique=True)
    asked = st.lists(st.sampled_from(OPERATORS), min_size=1, max_size=2, unique=True)
    for path in draw(paths):
        values = draw(operands(path, facts[path]))
        conditions = {operator: values[operator] for operator in draw(asked)}
        body[path] = {"conditions": conditions}
    return body


def nested(facts: Facts) -> dict[str, Any]:
    """Return somebody as the API shows them, but for events; nulls are left out."""
    profile: dict[str, Any] = {}
    campaigns: dict[str, Any] = {}
    for path, fact in facts.items():
        if fact is None or path == "city" or path.startswith("events."):
            continue
        if path.startswith(("loyalty_points.", "loyalty_tier.")):
            name = "Other" if "Other" in path else "Tiers 2.0"
            key = "points" if path.endswith(".points") else "loyalty_tier"
            campaigns.setdefault(name, {})[key] = fact
            continue
        *above_it, last = path.split(".")
        within = profile
        for step in above_it:
            within = within.setdefault(step, {})
        within[last] = fact
    profile["loyalty"]["campaigns"] = campaigns
    if facts["birthdate"] == facts["birthday"]:
        # The birthday stands in for it.
        profile.pop("birthdate", None)
    pets = profile.get("metadata", {}).get("pets")
    if pets:
        profile["metadata"]["pets"] = [{"name": each} for each in pets["name"]]
    return profile
