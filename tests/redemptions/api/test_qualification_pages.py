"""Pages of a qualification: how many, in which order, and where the next begins."""

from datetime import timedelta

import pytest

from redemptions.services import qualify as service
from tests.factories.campaigns import PromotionFactory, VoucherFactory
from tests.factories.promotions import TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.redemptions.api.test_qualifications import qualify, shown

pytestmark = pytest.mark.django_db

RULES = ("DEFAULT", "BEST_DEAL", "LEAST_DEAL")


def off(amount):
    return {"type": "AMOUNT", "amount_off": amount, "effect": "APPLY_TO_ORDER"}


def code(project, name, amount=100, age=0, **fields):
    """A code for everybody, ``age`` minutes old."""
    created_at = NOW - timedelta(minutes=age)
    discount = off(amount)
    return VoucherFactory(
        project=project, code=name, discount=discount, created_at=created_at, **fields
    )


def pages(api, **options):
    """All pages, each as the ids on it."""
    found, cursor = [], None
    while True:
        given = options | ({"starting_after": cursor} if cursor else {})
        answer = qualify(api, options=given)
        found.append(shown(answer))
        listed = answer["redeemables"]
        assert listed["total"] == len(found[-1])
        cursor = listed.get("more_starting_after")
        assert listed["has_more"] is bool(cursor)
        if cursor is None:
            return found
        assert len(found) < 100


@pytest.mark.spec("engine 11.2 limit")
def test_five_are_shown_unless_told_otherwise_and_fifty_at_most(api, project):
    for number in range(60):
        code(project, f"C{number:02}", age=number)

    assert len(shown(qualify(api))) == 5
    assert len(shown(qualify(api, options={"limit": 7}))) == 7
    assert len(shown(qualify(api, options={"limit": 51}))) == 50
    assert len(shown(qualify(api, options={"limit": 1000}))) == 50


@pytest.mark.spec("engine 11.2 sorting_rule")
@pytest.mark.parametrize(
    ("rule", "order"),
    [
        ("DEFAULT", ["NEW", "MID", "OLD"]),
        ("BEST_DEAL", ["OLD", "NEW", "MID"]),
        ("LEAST_DEAL", ["MID", "NEW", "OLD"]),
    ],
)
def test_candidates_are_sorted_by_age_or_by_what_they_take_off(
    api, project, rule, order
):
    code(project, "NEW", 200, age=1)
    code(project, "MID", 100, age=2)
    code(project, "OLD", 300, age=3)

    assert pages(api, limit=50, sorting_rule=rule) == [order]
    assert pages(api, limit=1, sorting_rule=rule) == [[one] for one in order]
    assert pages(api, limit=2, sorting_rule=rule) == [order[:2], order[2:]]


@pytest.mark.spec("engine 11.2 starting_after")
@pytest.mark.parametrize("rule", RULES)
def test_the_cursor_is_the_creation_of_the_last_entry(api, project, rule):
    for number in range(3):
        code(project, f"C{number}", 100 * number + 100, age=number)
    options = {"limit": 2, "sorting_rule": rule}

    listed = qualify(api, options=options)["redeemables"]

    assert listed["more_starting_after"] == listed["data"][-1]["created_at"]


@pytest.mark.spec("engine 11.2 starting_after")
@pytest.mark.parametrize("sent", ["null", None, ""])
def test_no_cursor_is_the_first_page(api, project, sent):
    code(project, "A")

    assert shown(qualify(api, options={"starting_after": sent})) == ["A"]


@pytest.mark.spec("engine 11.2 starting_after")
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("first_look", [3, 100])
def test_entries_of_the_same_moment_are_all_shown_once(
    api, project, monkeypatch, *, rule, limit, first_look
):
    monkeypatch.setattr(service, "FIRST_LOOK", first_look)
    made = [code(project, f"C{number}", age=number // 5) for number in range(10)]

    found = pages(api, limit=limit, sorting_rule=rule)

    listed = [one for page in found for one in page]
    assert sorted(listed) == sorted(one.code for one in made)
    assert {len(page) for page in found[:-1]} == {limit}


@pytest.mark.parametrize("rule", RULES)
def test_a_cursor_without_a_count_goes_on_behind_all_of_its_moment(api, project, rule):
    for name in "ABC":
        code(project, name)
    code(project, "OLD", 50 if rule == "BEST_DEAL" else 150, age=1)
    sent = {"starting_after": NOW.isoformat(), "sorting_rule": rule}

    assert shown(qualify(api, options=sent)) == ["OLD"]


def test_a_deal_whose_cursor_is_gone_starts_over(api, project):
    code(project, "A")
    sent = {"starting_after": "2020-01-01T00:00:00Z", "sorting_rule": "BEST_DEAL"}

    assert shown(qualify(api, options=sent)) == ["A"]


def test_deals_of_the_same_size_break_by_id(api, project):
    made = [code(project, f"C{number}") for number in range(4)]
    by_id = [one.code for one in sorted(made, key=lambda one: one.pk)]

    for rule in ("BEST_DEAL", "LEAST_DEAL"):
        found = pages(api, limit=1, sorting_rule=rule)
        assert [one for page in found for one in page] == by_id


@pytest.fixture
def look(monkeypatch):
    """Let the first look at the newest be at three of each kind."""
    monkeypatch.setattr(service, "FIRST_LOOK", 3)


@pytest.mark.spec("engine 11.2 sorting_rule")
def test_the_best_deal_is_found_among_all_however_old(api, project, look):
    for number in range(8):
        code(project, f"C{number}", 100 * number + 100, age=number)

    assert shown(qualify(api, options={"limit": 1, "sorting_rule": "BEST_DEAL"})) == [
        "C7"
    ]


def test_old_candidates_are_found_behind_new_ones_that_do_not_apply(api, project, look):
    rule = ValidationRuleFactory(
        project=project,
        rules={
            "1": {"name": "order.initial_amount", "conditions": {"$is": [1]}},
            "logic": "1",
        },
    )
    for number in range(5):
        refused = code(project, f"NO{number}", age=number)
        AssignmentFactory(
            project=project,
            rule=rule,
            related_object_id=refused.pk,
            related_object_type="voucher",
        )
    for number in range(3):
        code(project, f"YES{number}", age=10 + number)

    assert pages(api, limit=2) == [["YES0", "YES1"], ["YES2"]]


def test_kinds_are_merged_by_age_where_one_has_more_than_the_first_look(
    api, project, look
):
    promotion = PromotionFactory(project=project)
    names = []
    for number in range(12):
        if number % 4:
            names.append(code(project, f"C{number}", age=number).code)
        else:
            moment = NOW - timedelta(minutes=number)
            tier = TierFactory(project=project, campaign=promotion, created_at=moment)
            names.append(tier.pk)

    found = pages(api, limit=5)

    assert found == [names[:5], names[5:10], names[10:]]


def test_what_was_made_in_one_moment_needs_no_second_look(
    api, project, look, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(9):
        code(project, f"C{number}")
    qualify(api)

    with django_assert_max_num_queries(6) as best:
        qualify(api, options={"limit": 1, "sorting_rule": "BEST_DEAL"})
    with django_assert_num_queries(len(best)):
        qualify(api, options={"limit": 1})


def test_a_first_look_costs_the_same_whatever_there_is(
    api, project, look, django_assert_num_queries, django_assert_max_num_queries
):
    code(project, "A")
    qualify(api)
    with django_assert_max_num_queries(6) as few:
        qualify(api, options={"limit": 1, "sorting_rule": "BEST_DEAL"})
    for number in range(20):
        code(project, f"C{number}", age=number)

    with django_assert_num_queries(len(few)):
        qualify(api, options={"limit": 1, "sorting_rule": "BEST_DEAL"})
    with django_assert_num_queries(len(few)):
        qualify(api, options={"limit": 1})
    with django_assert_max_num_queries(2 * len(few)):
        assert len(shown(qualify(api, options={"limit": 50}))) == 21
