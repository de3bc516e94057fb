"""What must be loaded before rules can be evaluated."""

import pytest

from campaigns.engine.applicability import ApplicableTo, Entry
from redemptions.engine.rules import collections_of, facts_needed
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

    needed = facts_needed(sets)

    assert needed.names == {
        "customer.segment",
        "order.items.cheapest",
        "order.items.any",
    }
    assert needed.segments == {"seg_1", "seg_2"}
    assert needed.collections == {"pc_2", "lamp", LIGHTING, "pc_3"}
    assert needed.needs_customer
    assert collections_of(sets) == needed.collections


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("redemption.count.per_customer.daily", True),
        ("campaign.redemptions.customers_count", True),
        ("publication.redeemable_by_linked_customer", True),
        ("order.amount", False),
        ("campaign.redemptions.count", False),
    ],
)
def test_rules_about_the_customer_need_one(name, expected):
    assert facts_needed([rule_set({"1": rule(name)})]).needs_customer is expected


def test_no_rules_need_nothing():
    needed = facts_needed([])

    assert (needed.names, needed.collections, needed.segments) == (
        frozenset(),
        frozenset(),
        frozenset(),
    )
