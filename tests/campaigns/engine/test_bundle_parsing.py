import pytest

from campaigns.engine.bundle_parsing import canonical_bundle, parse_bundle
from campaigns.engine.rules import Target
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


def test_a_stored_bundle_is_read_in_key_order_with_its_settings():
    counted = {"1": entry(2), "10": {**entry(5), "error": {"message": "More tea"}}}

    bundle = parse_bundle(
        canonical_bundle({**counted, "2": entry(3), "multiply_discount": False})
    )

    assert [each.quantity for each in bundle.parts] == [2, 3, 5]
    assert bundle.parts[0].target == Target("product", "prod_tea")
    assert bundle.parts[2].error_message == "More tea"
    assert (bundle.limit, bundle.multiplies) == (1, False)


@pytest.mark.parametrize("stored", [None, {}])
def test_no_bundle_is_none(stored):
    assert parse_bundle(stored) is None


@pytest.mark.parametrize("sent", [None, True])
def test_a_bundle_multiplies_unless_told_otherwise(sent):
    stored = canonical_bundle({"1": entry(2), "multiply_discount": sent})

    assert "multiply_discount" not in stored
    assert parse_bundle(stored).multiplies


def test_whether_a_bundle_multiplies_is_a_boolean():
    with pytest.raises(InvalidPayload) as refused:
        canonical_bundle({"1": entry(2), "multiply_discount": "no"})

    assert refused.value.details == (
        "Property .bundle_rules.multiply_discount must be boolean"
    )
