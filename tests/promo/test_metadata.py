"""What metadata hold at a path."""

import pytest

from promo.metadata import metadata_value

METADATA = {
    "a.b": 1,
    "payment": {"method": "card", "card.type": "x", "deep": {"er": 2}},
    "lines": [{"size": 1}, {"size": 2}, {"colour": "red"}, 5],
    "plain": "text",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("a", None),
        ("payment.method", "card"),
        ("payment.card.type", "x"),
        ("payment.deep.er", 2),
        ("payment.cvc", None),
        ("lines.size", [1, 2]),
        ("lines.weight", None),
        ("plain.more", None),
        ("nothing.at.all", None),
    ],
)
def test_metadata_is_found_by_literal_key_then_by_path(path, value):
    assert metadata_value(METADATA, path) == value
