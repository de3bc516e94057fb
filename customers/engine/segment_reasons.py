"""Why a customer is in a segment: what its filter asks for, and what the profile shows.

The sentences read like those about rules: "City is Paris, needs to be Paris or Lyon".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from customers.engine.segments import Profile, attribute, belongs, kind_of
from promo.calendar_windows import Calendar
from promo.comparison import Kind, as_number
from promo.filter_grammar import WINDOW_OPERATORS, Condition, Filter
from promo.geometry import Shape

_SUBJECTS: Mapping[str, str] = {
    "id": "Id",
    "source_id": "Id in the shop",
    "email": "E-mail address",
    "source": "Made by",
    "address.line_1": "Street",
    "address.line_2": "Second line",
    "birthdate": "Date of birth",
    "created_at": "Known since",
    "updated_at": "Last changed",
    "summary.orders.total_amount": "Spent",
    "summary.orders.total_count": "Number of orders",
    "summary.orders.average_amount": "Average order",
    "summary.orders.last_order_amount": "Last order",
    "summary.orders.last_order_date": "Day of the last order",
    "summary.redemptions.total_redeemed": "Number of redemptions",
    "summary.redemptions.total_failed": "Number of refusals",
    "summary.redemptions.total_succeeded": "Number of redemptions that succeeded",
    "summary.redemptions.total_rolled_back": "Number rolled back",
    "summary.redemptions.total_rollback_failed": "Number of failed rollbacks",
    "summary.redemptions.total_rollback_succeeded": "Number of rollbacks",
    "summary.redemptions.gift.redeemed_amount": "Credit spent",
    "summary.redemptions.gift.amount_to_go": "Credit left",
    "summary.redemptions.loyalty_card.redeemed_points": "Points spent",
    "summary.redemptions.loyalty_card.points_to_go": "Points left",
    "loyalty.points": "Points",
    "loyalty.referred_customers": "Number of customers referred",
}
_MONEY = frozenset(
    {
        "summary.orders.total_amount",
        "summary.orders.average_amount",
        "summary.orders.last_order_amount",
        "summary.redemptions.gift.redeemed_amount",
        "summary.redemptions.gift.amount_to_go",
    }
)
_EVENT_PARTS: Mapping[str, str] = {
    "count": "Times of {name}",
    "first_occurred_at": "First {name}",
    "last_occurred_at": "Last {name}",
}
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
#: What each operator asks of a value; windows of days have ``_window``.
DEMANDS: Mapping[str, str] = {
    "$is": "needs to be {one}",
    "$in": "needs to be {any}",
    "$is_not": "must not be {one}",
    "$not_in": "must not be {any}",
    "$has_value": "needs to be known",
    "$is_unknown": "needs to be unknown",
    "$contains": "needs to contain {any}",
    "$not_contain": "must not contain {any}",
    "$starts_with": "needs to start with {any}",
    "$ends_with": "needs to end with {any}",
    "$more_than": "needs more than {one}",
    "$less_than": "needs less than {one}",
    "$more_than_equal": "needs at least {one}",
    "$less_than_equal": "may be at most {one}",
    "$after": "needs to be after {one}",
    "$before": "needs to be before {one}",
    "$count": "needs {one} values",
    "$count_more": "needs more than {one} values",
    "$count_less": "needs fewer than {one} values",
    "$in_location": "needs to lie in {any}",
    "$not_in_location": "must lie outside {any}",
    "$is_days_ago": "needs to be {one} days ago",
    "$more_than_ago": "needs to be more than {one} days ago",
    "$less_than_ago": "needs to be less than {one} days ago",
    "$is_days_in_future": "needs to be {one} days ahead",
    "$more_than_future": "needs to be more than {one} days ahead",
    "$less_than_future": "needs to be less than {one} days ahead",
    "$is_years_ago": "needs to be {one} years ago today",
    "$is_day": "needs to fall on {any}",
    "$is_month": "needs to be in {any}",
    "$is_year": "needs to be in {any}",
    "$is_day_of_month": "needs to be on day {any} of a month",
    "$is_days_ago_md": "needs its day in the year {one} days ago",
    "$is_more_days_ago_md": "needs its day in the year more than {one} days ago",
    "$is_less_days_ago_md": "needs its day in the year less than {one} days ago",
    "$is_days_in_future_md": "needs its day in the year {one} days ahead",
    "$is_more_days_in_future_md": (
        "needs its day in the year more than {one} days ahead"
    ),
    "$is_less_days_in_future_md": (
        "needs its day in the year less than {one} days ahead"
    ),
}
_AGES: Mapping[str, str] = {
    "$more_than": "needs to be more than {one} days ago",
    "$less_than": "needs to be less than {one} days ago",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """How to say amounts (minor units), and the ids of locations."""

    money: Callable[[int], str]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Whom a filter is asked about, and all that its answer may depend on."""

    profile: Profile
    calendar: Calendar
    locations: Mapping[str, Shape]
    schema: Mapping[str, Kind] | None = None


def reasons(filters: Filter, facts: Facts, voice: Voice) -> list[str]:
    """Return why the customer is in a segment with these ``filters``, in sentences.

    All conditions where all must hold; where one is enough, those that do.
    """
    found = []
    for entry in filters.fields:
        alone = replace(filters, fields=(entry,))
        if filters.junction == "or" and not _holds(alone, facts):
            continue
        actual = attribute(facts.profile, entry.field)
        asked = [
            _demand(entry.field, condition, voice, either=filters.junction == "or")
            for condition in entry.conditions
        ]
        found.append(
            f"{_subject(entry.field)} is {_found(entry.field, actual, voice)}, "
            f"{' and '.join(asked)}"
        )
    return found


def _holds(filters: Filter, facts: Facts) -> bool:
    return belongs(
        filters,
        facts.profile,
        facts.calendar,
        locations=facts.locations,
        schema=facts.schema,
    )


def _subject(path: str) -> str:
    if path in _SUBJECTS:
        return _SUBJECTS[path]
    head, _, rest = path.partition(".")
    match head:
        case "events":
            name, _, part = rest.rpartition(".")
            return _EVENT_PARTS[part].format(name=name)
        case "loyalty_points":
            name = rest.removeprefix("campaigns.").rpartition(".")[0]
            return f"Points in {name}"
        case "loyalty_tier":
            return f"Tier in {rest.removeprefix('campaigns.')}"
        case "metadata" | "system_metadata":
            return rest.replace("_", " ").capitalize()
    return path.rpartition(".")[2].replace("_", " ").capitalize()


def _found(path: str, actual: Any, voice: Voice) -> str:
    if actual is None or actual == []:
        return "not known"
    if isinstance(actual, list):
        return _joined([_shown(path, each, voice) for each in actual], "and")
    return _shown(path, actual, voice)


def _demand(path: str, condition: Condition, voice: Voice, *, either: bool) -> str:
    operator = condition.operator
    name = operator.removesuffix("_md")
    if name in WINDOW_OPERATORS:
        return _window(name, of_any_year=path == "birthdate" or name != operator)
    text = DEMANDS[operator]
    if operator == "$is" and either:
        text = DEMANDS["$in"]
    if operator in _AGES and _is_date(path) and as_number(condition.value) is not None:
        text = _AGES[operator]
    values = list(_values(path, condition, voice))
    return text.format(one=values[0] if values else "", any=_joined(values, "or"))


def _window(name: str, *, of_any_year: bool) -> str:
    words = name.removeprefix("$").replace("_", " ")
    inside = "needs to lie in" if " " in words else "needs to be"
    return f"{inside} {words}{', in any year' if of_any_year else ''}"


def _is_date(path: str) -> bool:
    return kind_of(path) in {Kind.DATE, Kind.DATETIME}


def _values(path: str, condition: Condition, voice: Voice) -> Iterator[str]:
    for value in condition.values:
        number = as_number(value)
        whole = int(number) if number is not None else -1
        if condition.operator == "$is_day" and 0 <= whole < len(_DAYS):
            yield _DAYS[whole]
        elif condition.operator == "$is_month" and 0 < whole <= len(_MONTHS):
            yield _MONTHS[whole - 1]
        else:
            yield _shown(path, value, voice)


def _shown(path: str, value: Any, voice: Voice) -> str:
    number = as_number(value)
    if path in _MONEY and number is not None:
        return voice.money(int(number))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if value is None or value == "":
        return "empty"
    text = str(value)
    if _is_date(path) and len(text) > len("2026-01-01"):
        return text.replace("T", " ")[: len("2026-01-01 00:00")]
    return voice.names.get(text, text)


def _joined(texts: Sequence[str], word: str) -> str:
    """Return texts as one: "a, b and c"."""
    if len(texts) <= 1:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"
