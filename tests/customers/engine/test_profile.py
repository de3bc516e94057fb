"""What profiles hold once something was sent."""

import pytest

from customers.engine.profile import merged_address


@pytest.mark.parametrize(
    ("stored", "given", "expected"),
    [
        (None, {"city": "Lyon", "planet": "Earth"}, {"city": "Lyon"}),
        ({"city": "Lyon"}, {"country": "FR"}, {"city": "Lyon", "country": "FR"}),
        ({"city": "Lyon"}, {"city": "Nice"}, {"city": "Nice"}),
        ({"city": "Lyon"}, None, None),
        (None, {"planet": "Earth"}, None),
        (None, {}, None),
    ],
)
def test_an_address_is_merged_and_null_clears_it(stored, given, expected):
    assert merged_address(stored, given) == expected
