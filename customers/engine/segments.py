"""Is a customer in a segment that a filter defines?

A profile is the customer as the API shows it. What has not been told about somebody is
missing: negative conditions hold for it, others do not.

Source: data specification, "Segments", "Attribute paths for customers".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from promo.calendar_windows import Calendar
from promo.comparison import Kind
from promo.errors import InvalidPayload
from promo.filter_grammar import (
    STATUS_OPERATORS,
    WINDOW_OPERATORS,
    Condition,
    Filter,
    Record,
    matches,
    parse_filter,
)
from promo.geometry import Shape
from promo.metadata import metadata_value

Profile = Mapping[str, Any]

_TEXTS = ("id", "source_id", "name", "email", "phone", "description", "source")
_ADDRESS = ("city", "state", "line_1", "line_2", "country", "postal_code")
_EVENTS, _METADATA, _OWN_METADATA = "events.", "metadata.", "system_metadata."
_POINTS, _TIER = "loyalty_points.campaigns.", "loyalty_tier.campaigns."
_NUMBERS = (
    *(
        f"summary.redemptions.{name}"
        for name in (
            "total_redeemed",
            "total_failed",
            "total_succeeded",
            "total_rolled_back",
            "total_rollback_failed",
            "total_rollback_succeeded",
            "gift.redeemed_amount",
            "gift.amount_to_go",
            "loyalty_card.redeemed_points",
            "loyalty_card.points_to_go",
        )
    ),
    *(
        f"summary.orders.{name}"
        for name in ("total_amount", "total_count", "average_amount")
    ),
    "summary.orders.last_order_amount",
    "loyalty.points",
    "loyalty.referred_customers",
)

#: The declared types of the paths that are always the same.
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(_TEXTS, Kind.TEXT),
    "city": Kind.TEXT,
    **{f"address.{part}": Kind.TEXT for part in _ADDRESS},
    "birthdate": Kind.DATE,
    "birthday": Kind.DATE,
    "created_at": Kind.DATETIME,
    "updated_at": Kind.DATETIME,
    "summary.orders.last_order_date": Kind.DATETIME,
    **dict.fromkeys(_NUMBERS, Kind.NUMBER),
}

#: What a segment's filter may ask about.
SEGMENT_FIELDS = frozenset(
    {*KINDS, "metadata.*", "system_metadata.*", "events.*"}
    | {"loyalty_points.campaigns.*", "loyalty_tier.campaigns.*"}
)

#: What is known of an event by the last part of its path; its name may hold dots.
_EVENT_PARTS: Mapping[str, Kind] = {
    "count": Kind.NUMBER,
    "first_occurred_at": Kind.DATETIME,
    "last_occurred_at": Kind.DATETIME,
}

#: Operators whose answer changes as time goes by.
_BY_THE_CLOCK = WINDOW_OPERATORS | {
    "$is_days_ago",
    "$more_than_ago",
    "$less_than_ago",
    "$is_days_in_future",
    "$more_than_future",
    "$less_than_future",
    "$is_years_ago",
}


def parse_segment_filter(body: Any, path: str = ".filter") -> Filter:
    """Parse the ``filter`` of a segment.

    Raises:
        InvalidPayload: no object or nothing in it, an unknown attribute, operator or
            junction; ``path`` names the filter.
    """
    found = parse_filter(body, path=path, fields=SEGMENT_FIELDS)
    if not found.fields:
        raise InvalidPayload(f"Property {path} must have at least one condition")
    for entry in found.fields:
        _check(entry.field, entry.conditions, path)
    return found


def _check(name: str, conditions: tuple[Condition, ...], path: str) -> None:
    if kind_of(name) is None and name.startswith((_EVENTS, _POINTS)):
        raise InvalidPayload(f"Property {path} cannot be filtered by '{name}'")
    for condition in conditions:
        if condition.operator in STATUS_OPERATORS:
            raise InvalidPayload(
                f"Property {path}.{name} has a condition that is not for customers: "
                f"{condition.operator}"
            )


def events_named(filters: Iterable[Filter]) -> frozenset[str]:
    """Return the names of the custom events that ``filters`` ask about."""
    paths = (entry.field for each in filters for entry in each.fields)
    asked = (path[len(_EVENTS) :] for path in paths if path.startswith(_EVENTS))
    return frozenset(path.rpartition(".")[0] for path in asked)


def changes_with_time(filters: Filter) -> bool:
    """Say whether somebody may enter or leave the segment without any change."""
    return any(
        condition.operator in _BY_THE_CLOCK
        or condition.operator.endswith("_md")
        or _is_an_age(entry.field, condition)
        for entry in filters.fields
        for condition in entry.conditions
    )


def _is_an_age(name: str, condition: Condition) -> bool:
    """Compared with a number, a date is so many days old; metadata may be dates."""
    is_date = kind_of(name) in {Kind.DATE, Kind.DATETIME, None}
    return is_date and condition.operator in {"$more_than", "$less_than"}


def belongs(
    filters: Filter,
    profile: Profile,
    calendar: Calendar,
    *,
    locations: Mapping[str, Shape] | None = None,
    schema: Mapping[str, Kind] | None = None,
) -> bool:
    """Say whether the customer that ``profile`` shows satisfies ``filters``.

    ``profile`` may have ``events``, by name what is known of those that happened, and
    ``source``, the channel that made it. ``schema`` maps metadata paths to their
    declared types, ``locations`` the ids that conditions may name to their shapes.
    """
    declared = {f"{_METADATA}{key}": kind for key, kind in (schema or {}).items()}
    record = Record(
        lambda path: attribute(profile, path),
        lambda path: declared.get(path) or kind_of(path),
    )
    return matches(filters, record, calendar, locations or {})


def kind_of(path: str) -> Kind | None:
    """Return the type of what is at ``path``; None where only the value shows it."""
    if path.startswith(_EVENTS):
        name, _, part = path.removeprefix(_EVENTS).rpartition(".")
        return _EVENT_PARTS.get(part) if name else None
    if path.startswith(_POINTS):
        name, _, part = path.removeprefix(_POINTS).rpartition(".")
        return Kind.NUMBER if name and part == "points" else None
    return Kind.TEXT if path.startswith(_TIER) else KINDS.get(path)


def attribute(profile: Profile, path: str) -> Any:
    """Return what ``profile`` shows at ``path``, None when it shows nothing.

    A date of birth falls back to the birthday. Names of events and campaigns may hold
    dots: they are what stands between the first part of the path and the last. An event
    that never happened counts 0.
    """
    if path.startswith(_METADATA):
        return metadata_value(profile.get("metadata") or {}, path[len(_METADATA) :])
    if path.startswith(_OWN_METADATA):
        own = profile.get("system_metadata") or {}
        return metadata_value(own, path[len(_OWN_METADATA) :])
    if path.startswith(_EVENTS):
        return _of_event(profile, path.removeprefix(_EVENTS))
    if path.startswith((_POINTS, _TIER)):
        return _of_campaign(profile, path)
    if path == "birthdate":
        return profile.get("birthdate") or profile.get("birthday")
    return _below(profile, "address.city" if path == "city" else path)


def _of_event(profile: Profile, path: str) -> Any:
    name, _, part = path.rpartition(".")
    happened = (profile.get("events") or {}).get(name)
    if happened is None:
        return 0 if part == "count" else None
    return happened.get(part)


def _of_campaign(profile: Profile, path: str) -> Any:
    campaigns = _below(profile, "loyalty.campaigns") or {}
    if path.startswith(_TIER):
        return (campaigns.get(path.removeprefix(_TIER)) or {}).get("loyalty_tier")
    name = path.removeprefix(_POINTS).rpartition(".")[0]
    return (campaigns.get(name) or {}).get("points")


def _below(profile: Profile, path: str) -> Any:
    found: Any = profile
    for part in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found
