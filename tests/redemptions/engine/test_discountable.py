"""Old rules that say which items may be discounted."""

import pytest

from campaigns.engine.discounts import Effect
from campaigns.engine.rule_parsing import parse_rules
from redemptions.engine.decide import decide
from redemptions.engine.facts import ItemFacts
from redemptions.engine.touching import discounts_an_item
from tests.redemptions.engine.carts import (
    amount_off,
    assigned,
    facts,
    including,
    line,
    order,
    percent_off,
    product,
    sku,
    voucher,
)
from tests.redemptions.engine.rule_cases import rule

HALF = percent_off(50)
FLAG = {"1": rule("product.discount_applicable", "$is", True)}
OFF = {"$is": [False]}
TEA, CUP, LAMP = ({"id": f"prod_{name}"} for name in ("tea", "cup", "lamp"))


def ruled(definition, lists=None, discount=HALF):
    """A voucher under one rule set, whose keys all count."""
    logic = " and ".join(definition)
    rules = parse_rules({**definition, "logic": logic})
    return voucher(discount=discount, rules=(assigned(lists, rules),))


def discounted(redeemable, **rest):
    [found] = decide(facts(redeemable, **rest)).entries
    return found.discount.effect, dict(found.taken.by_line)


def watts(name, watt):
    item = product(name, 100)
    return line(name, 100, product=type(item)(item.kind, item.id, name, metadata=watt))


CART = order(
    line("tea", 1200, 2),
    line("cup", 1850),
    line("kettle", 4999),
    line("honey", 700, 3, product=product("honey", 700, "pc_drinks")),
    line("mug", 300, product=product("mug"), sku=sku("blue")),
)


@pytest.mark.spec("rules 4.5 `product.discount_applicable`")
@pytest.mark.parametrize(
    ("single", "expected"),
    [
        (rule("product.id", "$is", TEA, rules=FLAG), {0: 1200}),
        (rule("product.id", "$in", LAMP, TEA, CUP, rules=FLAG), {0: 1200, 1: 925}),
        (rule("product.id", "$is", {"source_id": "cup"}, rules=FLAG), {1: 925}),
        (rule("product.id", "$is", {"id": "pc_drinks"}, rules=FLAG), {3: 1050}),
        (rule("sku.id", "$is", {"source_id": "blue"}, rules=FLAG), {4: 150}),
    ],
)
def test_what_a_flagged_rule_names_may_be_discounted(single, expected):
    effect, by_line = discounted(ruled({"1": single}), order=CART)

    assert effect is Effect.APPLY_TO_ITEMS
    assert by_line == expected


@pytest.mark.parametrize(
    "single",
    [
        rule("product.id", "$is", TEA),
        rule("product.id", "$is", TEA, rules={"1": {**FLAG["1"], "conditions": OFF}}),
        rule("product.id", "$is_not", LAMP, rules=FLAG),
        rule("order.items.any", "$is", TEA, rules=FLAG),
        FLAG["1"],
    ],
)
def test_without_a_flag_on_something_named_nothing_is_listed(single):
    effect, by_line = discounted(ruled({"1": single}), order=CART)

    assert (effect, by_line) == (Effect.APPLY_TO_ORDER, {})


def test_flagged_rules_add_to_the_list_of_their_set():
    both = ruled(
        {
            "1": rule("product.id", "$is", TEA, rules=FLAG),
            "2": rule("product.id", "$is", CUP, rules=FLAG),
        },
        including("kettle"),
        amount_off(10),
    )

    assert discounted(both, order=CART)[1] == {2: 10, 0: 10, 1: 10}


def test_a_flag_further_inside_counts_for_the_rule_around_it():
    inner = rule("product.id", "$is", CUP, rules=FLAG)
    outer = rule("product.id", "$in", CUP, TEA, rules={"1": inner})

    assert discounted(ruled({"1": outer}), order=CART)[1] == {1: 925}


@pytest.mark.spec("rules 4.5 `product.metadata` + property")
def test_metadata_lists_every_line_that_has_it():
    flagged = rule(
        "product.metadata",
        "$more_than",
        5,
        property="watt",
        rules={"1": rule("product.metadata.discount_applicable", "$is", True)},
    )
    only_sku = line(
        "x", 100, product=None, sku=ItemFacts("sku", "sku_x", "x", metadata={"watt": 7})
    )
    cart = order(
        watts("dim", {"watt": 3}), watts("bright", {"watt": 9}), only_sku, line("x", 1)
    )
    redeemable = ruled({"1": flagged})

    [found] = decide(facts(redeemable, order=cart)).entries

    assert dict(found.taken.by_line) == {1: 50, 2: 50}
    assert [each["id"] for each in found.applicable_to] == ["prod_bright", "sku_x"]


def test_metadata_on_a_line_that_names_nothing_lists_nothing():
    flagged = rule("product.metadata", "$is_not", 1, property="watt", rules=FLAG)
    cart = order(line("x", 100, product=None))

    assert discounted(ruled({"1": flagged}), order=cart)[0] is Effect.APPLY_TO_ORDER


def test_a_product_page_finds_a_discount_by_its_flagged_rule():
    items = percent_off(50, Effect.APPLY_TO_ITEMS)
    on_tea = ruled({"1": rule("product.id", "$is", TEA, rules=FLAG)}, discount=items)
    on_lamp = ruled({"1": rule("product.id", "$is", LAMP, rules=FLAG)}, discount=items)
    given = facts(on_tea, order=CART)

    assert discounts_an_item(on_tea, given)
    assert not discounts_an_item(on_lamp, given)
