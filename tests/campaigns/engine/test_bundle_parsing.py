import pytest

from campaigns.engine.bundle_parsing import canonical_bundle
from promo.errors import BadRequest, InvalidPayload


def entry(units):
    counted = {
        "name": "order.items.aggregated_quantity",
        "conditions": {"$is": [units]},
    }
    return {
        "name": "order.items.any",
        "conditions": {"$is": [{"object": "product", "id": "prod_tea"}]},
        "rules": {"1": counted, "logic": "1"},
    }


def test_an_entry_asks_for_units_of_one_thing():
    stored = canonical_bundle({"1": entry(2), "logic": "1", "limit": 3})

    assert stored["limit"] == 3
    assert stored["1"]["rules"]["1"]["conditions"] == {"$is": [2]}


def test_a_bundle_that_is_no_object_is_refused():
    with pytest.raises(InvalidPayload) as refused:
        canonical_bundle([])

    assert refused.value.details == "Property .bundle_rules must be object"


def test_units_are_whole_numbers():
    with pytest.raises((BadRequest, InvalidPayload)) as refused:
        canonical_bundle({"1": entry(None), "logic": "1"})

    assert ".bundle_rules.1.rules.1.conditions.$is" in refused.value.details
