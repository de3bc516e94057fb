"""CSV that a spreadsheet does not run."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from promo.csv_cells import cell, csv_lines


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_would_be_a_formula_gets_an_apostrophe(first):
    assert cell(f"{first}1+1") == f"'{first}1+1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("SAVE10", "SAVE10"),
        (-5, "-5"),
        (Decimal("-10.50"), "-10.50"),
        (datetime(2026, 3, 10, 12, 0, 5, tzinfo=UTC), "2026-03-10 12:00:05+00:00"),
    ],
)
def test_other_values_stay_what_they_are(value, text):
    assert cell(value) == text


def test_lines_are_made_one_by_one():
    asked = iter([("a", 'say "hi"'), ("=b", 2)])

    lines = csv_lines(["Name", "Note"], asked)

    assert next(lines) == "\ufeffName,Note\r\n"
    assert next(lines) == 'a,"say ""hi"""\r\n'
    assert next(asked) == ("=b", 2)
