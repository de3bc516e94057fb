"""What must be loaded before rules can be evaluated."""

from campaigns.engine.applicability import ApplicableTo, Entry
from redemptions.engine.rules import collections_of, segments_of
from tests.redemptions.engine.rule_cases import LIGHTING, rule, rule_set


def test_what_must_be_loaded_is_named():
    lists = ApplicableTo(
        included=(Entry("products_collection", "pc_3", None),),
        excluded=(Entry("product", "prod_1", None),),
    )
    definition = {
        "1": rule("customer.segment", "$in", "seg_1", "seg_2"),
        "2": rule(
            "order.items.cheapest",
            rules={"1": rule("order.items.any", "$is", {"id": "pc_2"}, {"id": "lamp"})},
            conditions={"$is": ["prod_9"], "$from": [{"id": LIGHTING}]},
        ),
        "3": rule("order.items.any", "$is", {"id": "pc_unused"}),
        "logic": "1 and 2",
    }
    sets = [rule_set(definition, applicable_to=lists)]

    assert segments_of(sets) == {"seg_1", "seg_2"}
    assert collections_of(sets) == {"pc_2", "lamp", LIGHTING, "pc_3"}


def test_no_rules_need_nothing():
    assert segments_of([]) == collections_of([]) == frozenset()
