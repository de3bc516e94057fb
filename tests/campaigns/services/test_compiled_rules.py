from collections.abc import Iterator

import pytest
from django.db import transaction
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from campaigns.engine.bundles import Bundle, BundlePart
from campaigns.engine.rules import Target
from campaigns.models import ValidationRule
from campaigns.services import compiled_rules
from campaigns.services.compiled_rules import (
    NEVER,
    CompiledRule,
    assigned_rules,
)
from campaigns.services.validation_rule import update_rule
from promo.tenancy.models import Project
from tests.factories.rules import BIG_ORDER, AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    compiled_rules.forget()
    yield
    compiled_rules.forget()


def names_of(rule: CompiledRule) -> list[str]:
    return [each.name for each in rule.rules.rules.values()]


def test_rules_are_found_by_what_they_guard_and_compiled(project: Project) -> None:
    rule = ValidationRuleFactory.create(
        project=project,
        rules=BIG_ORDER,
        error={"message": "Too small"},
        applicable_to={
            "included": [{"object": "product", "id": "prod_1", "source_id": None}],
            "excluded": [],
            "included_all": False,
        },
    )
    guarded = AssignmentFactory.create(project=project, rule=rule).related_object_id

    found = assigned_rules(project, [guarded, "camp_nobody"])

    (compiled,) = found.pop(guarded)
    assert found == {}
    assert (compiled.rule_id, compiled.name, compiled.version) == (
        rule.pk,
        rule.name,
        1,
    )
    assert names_of(compiled) == ["order.amount"]
    assert compiled.applicable_to is not None
    assert [entry.id for entry in compiled.applicable_to.included] == ["prod_1"]
    assert compiled.error_message == "Too small"
    assert compiled.bundle is None
    assert compiled.is_readable


def test_known_rules_cost_one_statement_and_new_ones_a_second(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    guarded = [
        assignment.related_object_id
        for assignment in AssignmentFactory.create_batch(20, project=project)
    ]

    with django_assert_num_queries(2):
        assert len(assigned_rules(project, guarded)) == 20
    with django_assert_num_queries(1):
        assert len(assigned_rules(project, guarded)) == 20
    with django_assert_num_queries(0):
        assert assigned_rules(project, []) == {}


def test_an_edit_acts_at_once(project: Project) -> None:
    assignment = AssignmentFactory.create(project=project)
    guarded = assignment.related_object_id
    (before,) = assigned_rules(project, [guarded])[guarded]

    update_rule(assignment.rule, now=NOW, rules=BIG_ORDER)

    (after,) = assigned_rules(project, [guarded])[guarded]
    assert (before.version, names_of(before)) == (1, [])
    assert (after.version, names_of(after)) == (2, ["order.amount"])


def test_a_version_that_was_rolled_back_is_not_mistaken_for_the_next(
    project: Project,
) -> None:
    assignment = AssignmentFactory.create(project=project)
    guarded = assignment.related_object_id
    other = {"1": {"name": "order.items.count", "conditions": {"$is": [1]}}}
    rolled_back, later = NOW.replace(hour=13), NOW.replace(hour=14)
    with transaction.atomic():
        update_rule(assignment.rule, now=rolled_back, rules=other)
        assigned_rules(project, [guarded])
        transaction.set_rollback(True)

    update_rule(assignment.rule, now=later, rules=BIG_ORDER)

    (compiled,) = assigned_rules(project, [guarded])[guarded]
    assert (compiled.version, names_of(compiled)) == (2, ["order.amount"])


@pytest.mark.parametrize(
    "broken",
    [
        {"rules": {"1": {"name": "order.weight"}}},
        {"rules": {"1": {"name": "order.amount"}, "logic": "1 and"}},
        {"rules": []},
        {"applicable_to": []},
    ],
)
def test_a_rule_that_no_longer_parses_never_passes(
    project: Project, broken: dict[str, object]
) -> None:
    assignment = AssignmentFactory.create(project=project)
    stored = ValidationRule.objects.filter(pk=assignment.rule_id)
    stored.update(**broken, version=F("version") + 1)

    found = assigned_rules(project, [assignment.related_object_id])

    (compiled,) = found[assignment.related_object_id]
    assert compiled.rules == NEVER
    assert not compiled.is_readable


def test_a_bundle_is_compiled_with_the_rule(project: Project) -> None:
    counted = {
        "name": "order.items.aggregated_quantity",
        "conditions": {"$is": [2]},
    }
    part = {
        "name": "order.items.any",
        "conditions": {"$is": [{"object": "product", "id": "prod_tea"}]},
        "rules": {"1": counted, "logic": "1"},
    }
    rule = ValidationRuleFactory.create(
        project=project, bundle_rules={"1": part, "limit": 3}
    )
    guarded = AssignmentFactory.create(project=project, rule=rule).related_object_id

    (compiled,) = assigned_rules(project, [guarded])[guarded]

    assert compiled.bundle == Bundle(
        (BundlePart(Target("product", "prod_tea"), 2),), limit=3
    )


def test_another_projects_assignments_are_not_seen(
    project: Project, other_project: Project
) -> None:
    foreign = AssignmentFactory.create(project=other_project)

    assert assigned_rules(project, [foreign.related_object_id]) == {}
