"""Rules as a tree of groups and as the API writes them: both say the same."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.engine.rule_catalogue import (
    CATALOGUE,
    COUNTS,
    DAY_DISTANCES,
    ITEM_RULES,
    MOMENTS,
    ORDERING,
    TEXTUAL,
    Operand,
)
from campaigns.engine.rule_parsing import canonical_rules
from campaigns.engine.rule_tree import (
    Group,
    Join,
    Leaf,
    Tree,
    both,
    definition_of,
    tree_of,
)

BIG = Leaf("order.amount", None, (("$more_than", (5000,)),))
MEMBER = Leaf("customer.segment", None, (("$is", ("seg_1",)),), message="Members only")
GOLD = Leaf("customer.metadata", "level", (("$in", ("gold", 1)),))

_BY_OPERATOR = {
    "$dow": 3,
    "$timeframe": "2027-02-01T08:30:00Z;P2D;PT3H",
    "$timeframe_absolute": "2027-02-01T08:30:00Z;2027-03-01T08:30:00Z",
    "$timeframe_daily_hours": "17:30;21:15;4,5",
    **dict.fromkeys(TEXTUAL, "go"),
    **dict.fromkeys(ORDERING, 7),
    **dict.fromkeys(MOMENTS, "2027-02-01"),
    **dict.fromkeys(DAY_DISTANCES | COUNTS, 2),
}
_BY_OPERAND = {
    Operand.NUMBER: 7,
    Operand.TEXT: "x",
    Operand.BOOLEAN: True,
    Operand.ITEM: {"id": "pc_1", "object": "products_collection"},
}


def value_for(kind, operator):
    if kind.operand is Operand.ANY:
        return _BY_OPERATOR.get(operator, "gold")
    return _BY_OPERAND[kind.operand]


@st.composite
def leaves(draw, depth=0):
    kind = CATALOGUE[draw(st.sampled_from(sorted(CATALOGUE)))]
    some = st.lists(st.sampled_from(sorted(kind.operators)), unique=True, max_size=2)
    operators = draw(some)
    nested = None
    if kind.name in ITEM_RULES and depth < 1:
        nested = draw(st.none() | trees(depth + 1))
    return Leaf(
        name=kind.name,
        property="level" if kind.needs_property else None,
        conditions=tuple((each, (value_for(kind, each),)) for each in operators),
        nested=nested,
        message=draw(st.none() | st.just("Not yet")),
    )


@st.composite
def groups(draw, depth=0, least=2):
    member = leaves(depth)
    if depth < 2:
        member = member | groups(depth + 1)
    members = draw(st.lists(member, min_size=least, max_size=3))
    join = draw(st.sampled_from(Join)) if len(members) > 1 else Join.AND
    # An expression in brackets alone is that expression.
    if len(members) == 1 and isinstance(members[0], Group):
        return members[0]
    return Group(join, tuple(members))


@st.composite
def trees(draw, depth=0):
    return Tree(
        draw(groups(depth, least=1)), tuple(draw(st.lists(leaves(2), max_size=1)))
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees())
def test_a_tree_written_and_read_is_the_same_tree(tree):
    written = definition_of(tree)

    assert tree_of(canonical_rules(written)) == tree
    assert canonical_rules(written) == written
    assert definition_of(tree_of(written)) == written


def test_every_rule_with_each_of_its_operators_survives():
    for kind in CATALOGUE.values():
        for operator in kind.operators:
            path = "level" if kind.needs_property else None
            leaf = Leaf(kind.name, path, ((operator, (value_for(kind, operator),)),))
            tree = Tree(Group(Join.AND, (leaf,)))

            assert tree_of(canonical_rules(definition_of(tree))) == tree


def test_groups_become_an_expression_over_numbers():
    inner = Group(Join.AND, (BIG, GOLD))
    tree = Tree(Group(Join.OR, (MEMBER, inner)))

    written = definition_of(tree)

    assert written["logic"] == "1 or (2 and 3)"
    assert written["1"] == {
        "name": "customer.segment",
        "property": None,
        "conditions": {"$is": ["seg_1"]},
        "error": {"message": "Members only"},
    }
    assert [tree.keyed[key] for key in "123"] == [MEMBER, BIG, GOLD]


def test_a_set_without_rules_is_empty_and_so_are_its_groups():
    hollow = Group(Join.OR, (Group(), Group(Join.AND, (Group(),))))

    assert definition_of(Tree()) == {}
    assert definition_of(Tree(hollow)) == {}
    assert definition_of(Tree(Group(), (BIG,))) == {}
    assert definition_of(Tree(Group(Join.AND, (BIG, hollow))))["logic"] == "1"
    assert tree_of({}) == Tree()


def test_a_group_of_one_needs_no_brackets():
    tree = Tree(Group(Join.AND, (BIG, Group(Join.OR, (GOLD,)))))

    assert definition_of(tree)["logic"] == "1 and 2"


def test_rules_that_the_expression_does_not_read_are_kept_aside():
    stored = canonical_rules(
        {
            "1": {"name": "order.amount", "conditions": {"$is": [1]}},
            "7": {"name": "order.items.count", "conditions": {"$is": [2]}},
            "logic": "7",
        }
    )

    tree = tree_of(stored)

    assert [leaf.name for leaf in tree.aside] == ["order.amount"]
    assert definition_of(tree) == {"1": stored["7"], "2": stored["1"], "logic": "1"}


def test_a_rule_named_twice_becomes_two():
    stored = {"1": definition_of(Tree(Group(Join.AND, (BIG,))))["1"], "logic": "1 or 1"}

    assert tree_of(stored) == Tree(Group(Join.OR, (BIG, BIG)))


def test_nested_rules_without_an_expression_must_all_hold():
    inner = {
        "1": {"name": "order.items.price", "conditions": {"$is": [5]}},
        "2": {"name": "order.items.quantity", "conditions": {"$is": [1]}},
    }
    [leaf] = tree_of({"1": {"name": "order.items.any", "rules": inner}}).root.members

    assert leaf.nested == tree_of({**inner, "logic": "1 and 2"})
    assert leaf.conditions == ()


def test_more_conditions_go_with_all_that_is_asked_already():
    either = Group(Join.OR, (BIG, GOLD))

    assert both(Tree(either), []) == Tree(either)
    assert both(Tree(either), [MEMBER]).root == Group(Join.AND, (either, MEMBER))
    assert both(Tree(Group(Join.AND, (BIG,))), [MEMBER]).root.members == (BIG, MEMBER)
    assert both(Tree(Group(Join.OR, (BIG,))), [MEMBER]).root == Group(
        Join.AND, (BIG, MEMBER)
    )
    assert both(Tree(), [MEMBER]).root.members == (MEMBER,)
