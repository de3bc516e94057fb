"""Whether a fact satisfies a rule's operator.

The declared metadata type decides how values compare. A missing fact satisfies the
negative operators alone; an array does what one of its elements does, a negative
operator what all do.

Source: rules specification, "Operators".
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from campaigns.engine.timeframes import absolute_frame, daily_frame, repeating_frame
from campaigns.engine.validity import in_hours, is_open
from promo.calendar_windows import Calendar
from promo.comparison import Kind, as_moment, equal, local, order
from promo.filter_grammar.matching import Question, elements_of
from promo.filter_grammar.matching import holds as filter_holds

#: Rule operators that the filter language knows, by its names for them.
SHARED: Mapping[str, str] = {
    "$is": "$is",
    "$is_not": "$is_not",
    "$in": "$in",
    "$not_in": "$not_in",
    "$more_than_or_equal": "$more_than_equal",
    "$less_than_or_equal": "$less_than_equal",
    "$starts_with": "$starts_with",
    "$ends_with": "$ends_with",
    "$contains": "$contains",
    "$after": "$after",
    "$before": "$before",
    "$more_than_ago": "$more_than_ago",
    "$less_than_ago": "$less_than_ago",
    "$is_days_ago": "$is_days_ago",
    "$more_than_future": "$more_than_future",
    "$less_than_future": "$less_than_future",
    "$is_days_in_future": "$is_days_in_future",
    "$dow": "$is_day",
    "$count": "$count",
    "$count_more": "$count_more",
    "$count_less": "$count_less",
}


def holds(
    operator: str,
    fact: Any,
    values: Sequence[Any],
    calendar: Calendar,
    kind: Kind | None = None,
) -> bool:
    """Say whether ``fact`` satisfies ``operator`` with ``values``.

    ``kind`` is the fact's declared type, None when nothing declares it. Wall-clock
    parts are those of the calendar's zone.

    Raises:
        KeyError: the operator is none that compares a fact.
    """
    question = Question(values, kind, calendar)
    if operator in SHARED:
        return filter_holds(SHARED[operator], fact, question)
    elements = elements_of(fact)
    if operator in SETS:
        return SETS[operator](elements, question)
    test = TESTS[operator]
    return any(test(element, question) for element in elements)


def _matches_one(fact: Any, ask: Question, values: Sequence[Any]) -> bool:
    return any(equal(fact, value, ask.kind, ask.calendar.zone) for value in values)


def _not_differ(elements: Sequence[Any], ask: Question) -> bool:
    """Both hold the same values, whatever their order and repeats."""
    zone = ask.calendar.zone
    return all(_matches_one(element, ask, ask.values) for element in elements) and all(
        any(equal(element, value, ask.kind, zone) for element in elements)
        for value in ask.values
    )


def _not_intersect(elements: Sequence[Any], ask: Question) -> bool:
    return not any(_matches_one(element, ask, ask.values) for element in elements)


def _more_than(fact: Any, ask: Question) -> bool:
    return order(fact, ask.value, ask.kind, ask.calendar.zone) == 1


def _less_than(fact: Any, ask: Question) -> bool:
    return order(fact, ask.value, ask.kind, ask.calendar.zone) == -1


def _in_repeating(fact: Any, ask: Question) -> bool:
    zone = ask.calendar.zone
    moment = as_moment(fact, zone)
    frames = [repeating_frame(value, zone) for value in ask.values]
    return moment is not None and any(
        is_open(frame.start, frame.interval, frame.duration, moment, zone)
        for frame in frames
        if frame is not None
    )


def _in_period(fact: Any, ask: Question) -> bool:
    zone = ask.calendar.zone
    moment = as_moment(fact, zone)
    frames = [absolute_frame(value, zone) for value in ask.values]
    return moment is not None and any(
        frame[0] <= moment < frame[1] for frame in frames if frame is not None
    )


def _in_daily_hours(fact: Any, ask: Question) -> bool:
    moment = as_moment(fact, ask.calendar.zone)
    wall = None if moment is None else local(moment, ask.calendar.zone)
    frames = [daily_frame(value) for value in ask.values]
    hours = [frame for frame in frames if frame is not None]
    return wall is not None and in_hours(hours, wall)


SETS: Mapping[str, Callable[[Sequence[Any], Question], bool]] = {
    "$not_differ": _not_differ,
    "$not_intersect": _not_intersect,
}

TESTS: Mapping[str, Callable[[Any, Question], bool]] = {
    "$more_than": _more_than,
    "$less_than": _less_than,
    "$timeframe": _in_repeating,
    "$timeframe_absolute": _in_period,
    "$timeframe_daily_hours": _in_daily_hours,
}
