"""docs/coverage.md, and the rows of the specification that no test shows."""

import pytest

from tests.docs.coverage import (
    PAGE,
    Coverage,
    Marker,
    Row,
    as_page,
    found,
    markers_of,
)

#: May fall, never rise: whoever shows a row lowers it.
MISSING_AT_MOST = 0

ROWS = [
    Row("engine 2.7", "Replace", "regular 400\u00d73 (1200)"),
    Row("engine 2.7", "Replace", "deluxe 900\u00d72 (1800) | one deluxe → one basic"),
    Row("engine 2.7", "Replace", "deluxe 900\u00d72 (1800) | one deluxe → two basic"),
    Row("rules 3.1", "List", "`$more_than`, `$more_than_or_equal`"),
    Row("rules 5.1", "Table", "`campaign.orders.amount`"),
    Row("rules 5.1", "Table", "`campaign.orders.amount_discounted`"),
    Row("engine 5.4", "Loop", "1 | mode ALL"),
    Row("engine 5.4", "Loop", "10 | otherwise"),
]


def test_the_page_is_as_make_docs_writes_it() -> None:
    assert PAGE.read_text() == as_page(found())


def test_no_more_rows_than_before_are_without_a_test() -> None:
    missing = [f"{row.section} {row.text}" for row in found().uncovered]

    assert len(missing) <= MISSING_AT_MOST, missing


def test_every_marker_means_one_row() -> None:
    assert found().ambiguous == []


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("engine 2.7 regular 400x3 (1200)", [0]),
        ("engine 2.7  deluxe 900x2 (1800)", [1, 2]),
        ("engine 2.7 deluxe 900\u00d72 (1800) one deluxe → two", [2]),
        ("rules 3.1 $more_than", [3]),
        ("rules 3.1 $more", []),
        ("rules 3.1 $more_than_or_equal", [3]),
        ("rules 3.1 $more_than_or_equal of texts", [3]),
        ("rules 5.1 campaign.orders.amount", [4]),
        ("rules 5.1 campaign.orders.amount_discounted, trimmed", [5]),
        ("rules 5.1 `campaign.orders.amount` of stacked codes", [4]),
        ("engine 5.4 1", [6]),
        ("engine 5.4", []),
        ("engine 7 anything", []),
    ],
)
def test_a_marker_names_a_row_by_its_beginning(text: str, rows: list[int]) -> None:
    coverage = Coverage(ROWS, [])

    assert coverage.meant(Marker(text, "", "")) == [ROWS[index] for index in rows]


def test_markers_are_read_from_the_module_the_class_the_test_and_its_parameters() -> (
    None
):
    source = """
pytestmark = pytest.mark.spec("engine 1 a")
CASES = [pytest.param(1, marks=pytest.mark.spec("engine 2 b"))]

@pytest.mark.spec("engine 3 c")
class TestThing:
    @pytest.mark.spec("engine 4 d")
    @pytest.mark.parametrize("x", CASES)
    def test_one(self): ...

@spec("rules 5 e")
def test_two(): ...

def helper(): ...
"""

    markers = list(markers_of(source, "test_thing.py"))

    assert [(each.test, each.text) for each in markers] == [
        ("test_one", "engine 1 a"),
        ("test_one", "engine 3 c"),
        ("test_one", "engine 4 d"),
        ("test_one", "engine 2 b"),
        ("test_two", "engine 1 a"),
        ("test_two", "rules 5 e"),
    ]


def test_a_marker_put_together_at_run_time_is_refused() -> None:
    source = '@pytest.mark.spec(f"engine {n}")\ndef test_one(): ...'

    with pytest.raises(ValueError, match="write the text"):
        list(markers_of(source, "test_thing.py"))
