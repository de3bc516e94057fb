"""A filter as parsed: fields, their conditions and how the fields are joined.

Source: data specification, "Filter grammar (segments, collections, exports)".
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from promo.errors import InvalidPayload, PromoError

JUNCTION = "junction"
CONDITIONS = "conditions"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Every operator the server accepts, in the order the documented sentence has.
OPERATORS = _words("""
    $in $not_in $in_location $not_in_location $is $is_days_ago $is_days_in_future
    $is_not $has_value $is_unknown $contains $not_contain $starts_with $ends_with
    $more_than $less_than $more_than_ago $less_than_ago $more_than_future
    $less_than_future $more_than_equal $less_than_equal $after $before $count
    $count_less $count_more $today $tomorrow $yesterday $this_week $last_week
    $next_week $this_month $last_month $next_month $this_year $next_year $last_year
    $is_day_of_month $is_day $is_month $is_year $today_md $tomorrow_md $yesterday_md
    $this_week_md $last_week_md $next_week_md $this_month_md $last_month_md
    $next_month_md $is_days_ago_md $is_more_days_ago_md $is_less_days_ago_md
    $is_days_in_future_md $is_more_days_in_future_md $is_less_days_in_future_md
    $is_years_ago $active $failed $in_progress $expired $before_start $enabled
    $disabled $redeemed $redeemable
""")
#: Operators that take every value of their list; the others look at the first.
LIST_OPERATORS = frozenset(
    _words("""
        $in $not_in $in_location $not_in_location
        $contains $not_contain $starts_with $ends_with
    """)
)
#: Operators that ask where something is; their values are ids of locations.
LOCATION_OPERATORS = frozenset(_words("$in_location $not_in_location"))
#: Operators whose operand is ignored.
NULL_OPERATORS = frozenset(_words("$has_value $is_unknown"))
#: Operators a missing attribute satisfies.
NEGATIVE_OPERATORS = frozenset(_words("$is_not $not_in $not_contain"))
#: Windows of whole calendar days, read by ``promo.calendar_windows.window``.
WINDOW_OPERATORS = frozenset(
    _words("""
        $today $tomorrow $yesterday $this_week $last_week $next_week
        $this_month $last_month $next_month $this_year $last_year $next_year
    """)
)
#: Flags about the state of vouchers and campaigns.
STATUS_OPERATORS = frozenset(
    _words("""
        $active $failed $in_progress $expired $before_start
        $enabled $disabled $redeemed $redeemable
    """)
)
#: What a listing's text fields take.
TEXT_OPERATORS = frozenset(
    _words("""
        $in $not_in $is $is_not $has_value $is_unknown
        $starts_with $ends_with $contains $not_contain
    """)
)
#: What a listing's date fields take; there, $more_than and $less_than are days ago.
DATE_OPERATORS = frozenset(
    _words("$after $before $has_value $is_unknown $more_than $less_than")
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator and its values, as strings from a query or JSON from a body."""

    operator: str
    values: tuple[Any, ...]

    @property
    def value(self) -> Any:
        """The first value, which is all that most operators look at."""
        return self.values[0] if self.values else None


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """The conditions of one attribute; all of them must hold.

    ``field`` is the attribute's dotted path as sent, ``metadata.<key>`` included.
    """

    field: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Attributes and their junction; a filter without fields accepts everything."""

    fields: tuple[FieldFilter, ...] = ()
    junction: Literal["and", "or"] = "and"

    def to_json(self) -> dict[str, Any]:
        """Return the filter as stored and answered, its junction always there."""
        body: dict[str, Any] = {JUNCTION: self.junction}
        for entry in self.fields:
            body[entry.field] = {
                CONDITIONS: {c.operator: list(c.values) for c in entry.conditions}
            }
        return body


def locations_named(filters: Iterable[Filter]) -> frozenset[str]:
    """Return what the conditions of filters give as ids of locations."""
    return frozenset(
        value
        for each in filters
        for entry in each.fields
        for condition in entry.conditions
        if condition.operator in LOCATION_OPERATORS
        for value in condition.values
        if isinstance(value, str)
    )


def format_sentence(path: str) -> str:
    """Return the documented refusal of a malformed filter at ``path``."""
    shape = "filters[${field}][conditions][${condition}]"
    return (
        f"Property {path} should match either `{shape}[${{index}}]` or `{shape}` "
        f"format and condition must be one of: {', '.join(OPERATORS)}"
    )


def parse_filter(
    body: Any,
    *,
    path: str = ".filters",
    error: type[PromoError] = InvalidPayload,
    fields: Collection[str] | None = None,
) -> Filter:
    """Parse the JSON of a filter.

    ``path`` names it in refusals, ``error`` is the refusal's class. ``fields``
    are the attributes allowed, ``metadata.*`` standing for every path below it;
    None allows any.

    Raises:
        PromoError: of class ``error``, when the shape, an operator, an attribute
            or the junction is none of the documented ones.
    """
    if not isinstance(body, Mapping):
        raise error(f"Property {path} must be object")
    entries = tuple(
        _field(str(name), value, path, error)
        for name, value in body.items()
        if name != JUNCTION
    )
    for entry in entries:
        if fields is not None and not allows(fields, entry.field):
            raise error(f"Property {path} cannot be filtered by '{entry.field}'")
    return Filter(entries, _junction(body.get(JUNCTION), path, error))


def allows(fields: Collection[str], field: str) -> bool:
    """Say whether ``field`` is listed, itself or through an ending ``.*``."""
    if field in fields:
        return True
    parts = field.split(".")
    return any(f"{'.'.join(parts[:end])}.*" in fields for end in range(1, len(parts)))


def _junction(value: Any, path: str, error: type[PromoError]) -> Literal["and", "or"]:
    if value is None:
        return "and"
    match value.lower() if isinstance(value, str) else None:
        case "and":
            return "and"
        case "or":
            return "or"
    raise error(
        f"Property {path} has wrong `junction` property. It must be one of: and, or"
    )


def _field(name: str, value: Any, path: str, error: type[PromoError]) -> FieldFilter:
    conditions = value.get(CONDITIONS) if isinstance(value, Mapping) else None
    if not name or not isinstance(conditions, Mapping) or not conditions:
        raise error(format_sentence(path))
    return FieldFilter(
        name,
        tuple(
            _condition(operator, values, path, error)
            for operator, values in conditions.items()
        ),
    )


def _condition(
    operator: Any, values: Any, path: str, error: type[PromoError]
) -> Condition:
    listed = tuple(values) if isinstance(values, list | tuple) else (values,)
    scalar = not any(isinstance(value, Mapping | list | tuple) for value in listed)
    if operator not in OPERATORS or not scalar:
        raise error(format_sentence(path))
    return Condition(operator, listed)
