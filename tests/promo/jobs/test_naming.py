"""Every type of action has a name that people understand."""

import pytest
from django.conf import settings

from promo.jobs.naming import kind_in_words


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("CUSTOMERS.IMPORT_CSV", "Import of customers by a file"),
        ("CAMPAIGN.VOUCHERS_GENERATE", "Generation of codes of a campaign"),
        ("SKUS.IMPORT_CSV", "Import of SKUs by a file"),
        ("SEGMENT.PLACE_CUSTOMERS", "Placing of customers in a segment"),
        ("GIFTS.SOMETHING_ELSE", "Gifts: something else"),
    ],
)
def test_a_type_is_told_in_words(kind, name):
    assert kind_in_words(kind) == name


def test_no_type_is_left_to_its_letters():
    whole = [kind for kind in settings.ASYNC_ACTIONS if kind.count(".") == 1]

    assert [kind for kind in whole if ":" in kind_in_words(kind)] == []
    assert len(whole) > 20
