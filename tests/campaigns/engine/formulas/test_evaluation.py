"""What formulas come to."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns.engine.formulas.evaluation import evaluate
from campaigns.engine.formulas.parsing import parse_formula
from campaigns.engine.formulas.values import NoValue, of_metadata
from tests.campaigns.engine.formulas.cases import CALENDAR, Known, worth

spec = pytest.mark.spec
CITIES = """
SWITCH(ORDER_METADATA("city");
       SWITCH_CASE("Lyon";9) SWITCH_CASE("Nice";6);
       2)
"""


@spec("rules 8.2 argument separator")
@spec("rules 8.2 number")
@spec("rules 8.2 arithmetic")
@spec("rules 8.2 grouping")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("0.5", "0.5"),
        ("-0.5", "-0.5"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("2 * -3", "-6"),
        ("--3", "3"),
        ("7 % 4", "3"),
        ("2 \u00d7 9 \u00f7 3", "6"),
        ("0.1 + 0.2", "0.3"),
        ("MIN(4;2;3)", "2"),
    ],
)
def test_arithmetic_is_decimal_and_binds_as_usual(text, value):
    assert worth(text) == Decimal(value)


@spec("rules 8.2 comparison")
@spec("rules 8.2 logic")
@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("2 > 1", True),
        ("1 > 2", False),
        ("2 < 1", False),
        ("1 < 2", True),
        ("1 = 1.0", True),
        ("2 >= 2", True),
        ("1 >= 2", False),
        ("2 <= 2", True),
        ("1 != 2", True),
        ("1 = 1 OR 1 = 2 AND 1 = 3", True),
        ("(1 = 1 OR 1 = 2) AND 1 = 3", False),
        ('DATE("2027-02-01") < TODAY', True),
        ('DATE("2027-02-01") = DATE("2027-02-01")', True),
        ('"2027-02-01" = DATE("2027-02-02")', False),
    ],
)
def test_conditions_compare_and_join(condition, holds):
    assert worth(f"IF({condition};1;0)") == int(holds)


@spec("rules 8.2 string")
@spec("rules 8.2 text infix")
@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('ORDER_METADATA("city") is "Lyon"', True),
        ('ORDER_METADATA("city") is "lyon"', False),
        ('ORDER_METADATA("city") isNot "Nice"', True),
        ('ORDER_METADATA("city") contains "yo"', True),
        ('ORDER_METADATA("city") startsWith "Ly"', True),
        ('ORDER_METADATA("city") startsWith "yo"', False),
        ('ORDER_METADATA("city") endsWith "on"', True),
        ('ORDER_METADATA("city") IN_ARRAY "Nice, Lyon"', True),
        ('ORDER_METADATA("city") NOT_IN_ARRAY "Nice,Metz"', True),
        ('ORDER_METADATA("tags") contains "new"', True),
        ('ORDER_METADATA("tags") contains "ne"', False),
        ('ORDER_METADATA("tags") is "new"', True),
        ('ORDER_METADATA("tags") IN_ARRAY "old,new"', True),
        ('ORDER_METADATA("tags") = ORDER_METADATA("tags")', True),
        ('ORDER_METADATA("gift") is "true"', True),
        ('ORDER_METADATA("age") is "30"', True),
        ('ORDER_METADATA("age") startsWith "3"', True),
    ],
)
def test_texts_and_arrays_are_asked_in_words(condition, holds):
    facts = {"city": "Lyon", "tags": ["new", "red"], "gift": True, "age": "30"}

    assert worth(f"IF({condition};1;0)", **facts) == int(holds)


@spec("rules 8.2 date infix")
@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('CUSTOMER_BIRTHDATE DATE_IS "2000-03-15"', True),
        ('CUSTOMER_BIRTHDATE DATE_IS_NOT "2000-03-15"', False),
        ('CUSTOMER_BIRTHDATE IS_AFTER DATE("2000-03-14")', True),
        ('CUSTOMER_BIRTHDATE IS_AFTER DATE("2000-03-15")', False),
        ('CUSTOMER_BIRTHDATE IS_BEFORE DATE("2000-03-16")', True),
        ('NOW DATE_IS "2027-03-15"', True),
        ('NOW IS_AFTER DATE_TIME("2027-03-14T23:29:00.000Z")', True),
    ],
)
def test_dates_are_compared_on_the_projects_clock(condition, holds):
    birthdate = date(2000, 3, 15)

    assert worth(f"IF({condition};1;0)", CUSTOMER_BIRTHDATE=birthdate) == int(holds)


@spec("rules 8.3 `IF(c;a;b)`")
@spec('rules 8.3 `SWITCH(x;SWITCH_CASE("a";1)')
@spec("rules 8.3 `MIN(…;…)`")
@spec("rules 8.3 `POW(a;b)`")
@spec("rules 8.3 `DEFAULT_TO(a;b;…)`")
@spec("rules 8.3 `ROUND(x;p)`")
@spec("rules 8.3 `FLOOR(x;p)`")
@spec("rules 8.3 ROUND(138.46)")
@spec("rules 8.3 FLOOR(138.46)")
@spec("rules 8.3 CEIL(138.42)")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("IF(1 = 1;2;1 / 0)", "2"),
        ("IF(1 = 2;1 / 0;3)", "3"),
        ('SWITCH("b";SWITCH_CASE("a";1) SWITCH_CASE("b";2);9)', "2"),
        ('SWITCH("1.0";SWITCH_CASE(1;5);9)', "5"),
        ('SWITCH("c";SWITCH_CASE("a";1 / 0);9)', "9"),
        ("MAX(1;3;2)", "3"),
        ('MAX(1;ORDER_METADATA("sizes"))', "40"),
        ("POW(2;10)", "1024"),
        ("POW(4;0.5)", "2"),
        ('DEFAULT_TO(ORDER_METADATA("none");1 / 0;7)', "7"),
        ("DEFAULT_TO(3;1 / 0)", "3"),
        ("ROUND(138.46;1)", "138.5"),
        ("ROUND(138.46;-1)", "140"),
        ("ROUND(2.5)", "3"),
        ("ROUND(-2.5)", "-3"),
        ("FLOOR(138.46;1)", "138.4"),
        ("FLOOR(138.46;-1)", "130"),
        ("CEIL(138.42;1)", "138.5"),
        ("CEIL(138.42;-1)", "140"),
        ("CEIL(138.42)", "139"),
    ],
)
def test_functions(text, value):
    assert worth(text, sizes=[38, "40", 39]) == Decimal(value)


@spec('rules 8.3 `DATE("2027-02-01")`')
@spec("rules 8.3 `TODAY`")
@spec("rules 8.3 `DAY_OF_MONTH(d)`")
@spec("rules 8.3 `DAYS_SINCE(d)`")
@spec("rules 8.3 `DAYS_UNTIL(d)`")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("DAY_OF_MONTH(TODAY)", 15),
        ("MONTH(NOW)", 3),
        ('YEAR("2026-12-31T23:30:00Z")', 2027),
        ('DAYS_SINCE(DATE("2027-03-01"))', 14),
        ('DAYS_SINCE(DATE("2027-03-16"))', -1),
        ('DAYS_UNTIL(DATE("2027-03-20"))', 5),
        ('MONTHS_SINCE(DATE("2027-01-15"))', 2),
        ('MONTHS_SINCE(DATE("2027-01-16"))', 1),
        ('MONTHS_SINCE(DATE("2027-05-14"))', -1),
        ('MONTHS_UNTIL(DATE("2027-05-14"))', 1),
        ('YEARS_SINCE(DATE("2000-03-16"))', 26),
        ('YEARS_SINCE(DATE("2028-03-15"))', -1),
        ('YEARS_SINCE(DATE("2028-03-14"))', 0),
        ('DAYS_SINCE(DATE_TIME("2027-03-14T22:59:00.000Z"))', 1),
    ],
)
def test_dates_are_counted_in_full_units(text, value):
    assert worth(text) == value


@spec("rules 8.5 `IF(CUSTOMER_METADATA")
@spec("rules 8.5 `DEFAULT_TO(ORDER_METADATA")
@spec("rules 8.5 `IF(ORDER_ITEMS_QUANTITY")
@spec("rules 8.5 `FLOOR(ORDER_UNITS_QUANTITY")
@spec("rules 8.5 `IF(MONTH(CUSTOMER_BIRTHDATE)")
@spec("rules 8.5 `SWITCH(ORDER_METADATA")
@spec("rules 8.5 `ROUND(ORDER_AMOUNT")
@pytest.mark.parametrize(
    ("text", "facts", "value"),
    [
        ('IF(CUSTOMER_METADATA("tier") is "gold";18;7)', {"tier": "gold"}, "18"),
        ('IF(CUSTOMER_METADATA("tier") is "gold";18;7)', {"tier": "silver"}, "7"),
        ('DEFAULT_TO(ORDER_METADATA("visits") / 2;3)', {"visits": 9}, "4.5"),
        ('DEFAULT_TO(ORDER_METADATA("visits") / 2;3)', {}, "3"),
        (
            "IF(ORDER_ITEMS_QUANTITY > 2 AND ORDER_AMOUNT > 100;22;11)",
            {"ORDER_ITEMS_QUANTITY": Decimal(3), "ORDER_AMOUNT": Decimal("140.4")},
            "22",
        ),
        (
            "FLOOR(ORDER_UNITS_QUANTITY / 4;0)",
            {"ORDER_UNITS_QUANTITY": Decimal(9)},
            "2",
        ),
        (
            "IF(MONTH(CUSTOMER_BIRTHDATE) = MONTH(TODAY);25;5)",
            {"CUSTOMER_BIRTHDATE": date(1990, 3, 1)},
            "25",
        ),
        (
            CITIES,
            {"city": "Nice"},
            "6",
        ),
        (
            CITIES,
            {"city": "Metz"},
            "2",
        ),
        ("ROUND(ORDER_AMOUNT * 1.3;0)", {"ORDER_AMOUNT": Decimal("64.50")}, "84"),
    ],
)
def test_the_worked_examples(text, facts, value):
    assert worth(text, **facts) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('CUSTOMER_METADATA("none")', "CUSTOMER_METADATA of none is missing"),
        ("ORDER_AMOUNT", "ORDER_AMOUNT is missing"),
        ('ORDER_METADATA("tier") > 1', "gold is not a number"),
        ('1 < ORDER_METADATA("tier")', "gold is not a number"),
        ('ORDER_METADATA("tier") * 2', "gold is not a number"),
        ('"a text"', "a text is not a number"),
        (f'"{"a" * 50}"', f"{'a' * 40}… is not a number"),
        ("TODAY", "2027-03-15 is not a number"),
        ("1 = 1", "True is not a number"),
        ("IF(1;2;3)", "1 is not a condition"),
        ("1 / 0", "the arithmetic has no result"),
        ("1 % 0", "the arithmetic has no result"),
        ("POW(9;99999999999)", "the arithmetic has no result"),
        ("POW(-8;0.5)", "the arithmetic has no result"),
        ("ROUND(1;0.5)", "the number of decimals must be a small whole number"),
        ("ROUND(1;21)", "the number of decimals must be a small whole number"),
        ('DATE("soon")', "soon is not a date"),
        ('DATE_TIME("soon")', "soon is not a date"),
        ('MONTH(ORDER_METADATA("sizes"))', "a list is not a date"),
        ('MIN(ORDER_METADATA("empty");ORDER_METADATA("empty"))', "there is nothing"),
        ("DEFAULT_TO(1 / 0;ORDER_AMOUNT)", "no argument of DEFAULT_TO has a value"),
        ('IF(TODAY contains "2027";1;2)', "2027-03-15 is not text"),
    ],
)
def test_a_formula_without_a_value_says_why(text, why):
    with pytest.raises(NoValue) as failed:
        worth(text, tier="gold", sizes=[1], empty=[])

    assert str(failed.value).startswith(why)


def test_a_branch_that_is_not_taken_is_not_looked_at():
    operands = Known(ORDER_AMOUNT=Decimal(5))
    formula = parse_formula("IF(1 = 1 OR ORDER_ITEMS_QUANTITY > 1;ORDER_AMOUNT;NOW)")

    assert evaluate(formula, operands, CALENDAR) == 5
    assert operands.asked == ["ORDER_AMOUNT"]


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("5", Decimal(5)),
        (5.5, Decimal("5.5")),
        ("gold", "gold"),
        (False, "false"),
        (None, None),
        ({"a": 1}, None),
        ([1, "x", None, {}], (Decimal(1), "x")),
    ],
)
def test_metadata_is_seen_as_numbers_texts_and_arrays(stored, seen):
    assert of_metadata(stored) == seen
