"""The filter language of lists, segments, collections and exports.

``parse_query_filter`` reads a query string, ``parse_filter`` JSON; both return a
``Filter``. ``matches`` tests one record in memory; lists turn the same ``Filter``
into SQL elsewhere.
"""

from promo.filter_grammar.grammar import (
    DATE_OPERATORS,
    LIST_OPERATORS,
    LOCATION_OPERATORS,
    NEGATIVE_OPERATORS,
    NULL_OPERATORS,
    OPERATORS,
    STATUS_OPERATORS,
    TEXT_OPERATORS,
    WINDOW_OPERATORS,
    Condition,
    FieldFilter,
    Filter,
    allows,
    format_sentence,
    locations_named,
    parse_filter,
)
from promo.filter_grammar.matching import Record, matches
from promo.filter_grammar.query import parse_date_windows, parse_query_filter

__all__ = [
    "DATE_OPERATORS",
    "LIST_OPERATORS",
    "LOCATION_OPERATORS",
    "NEGATIVE_OPERATORS",
    "NULL_OPERATORS",
    "OPERATORS",
    "STATUS_OPERATORS",
    "TEXT_OPERATORS",
    "WINDOW_OPERATORS",
    "Condition",
    "FieldFilter",
    "Filter",
    "Record",
    "allows",
    "format_sentence",
    "locations_named",
    "matches",
    "parse_date_windows",
    "parse_filter",
    "parse_query_filter",
]
