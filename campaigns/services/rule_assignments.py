"""Putting validation rules on what they guard, and taking them off.

An object has at most one rule of its own.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from campaigns import events
from campaigns.models import (
    Campaign,
    PromotionTier,
    ValidationRule,
    ValidationRuleAssignment,
)
from campaigns.services.guarded import guarded_kinds, hold, kind_of, shown
from campaigns.services.versions import keep_versions
from campaigns.wire import assignment_as_json, rule_as_json
from promo.errors import Duplicate, InvalidPayload, ResourceNotFound
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project

#: An object of one of ``guarded_kinds``.
Guarded = Model
Json = dict[str, Any]

RESOURCE = "validation_rules_assignment"
RULES_AN_OBJECT = 1


def find_guarded(project: Project, kind: str, reference: str) -> Guarded:
    """Return the object of a kind behind ``reference``.

    Raises:
        ResourceNotFound: there is none, or no such kind of object.
    """
    found = _found(project, kind, reference)
    if found is None:
        raise ResourceNotFound(kind, reference)
    return found


@transaction.atomic
def assign_rule(
    *, project: Project, rule_id: str, guarded: Guarded, now: datetime
) -> ValidationRuleAssignment:
    """Put one rule on an object that has none.

    Raises:
        ResourceNotFound: no such rule, or the object is gone meanwhile.
        Duplicate: the object has a rule already; names that assignment.
    """
    hold(guarded)
    # Held until the end, so that nobody deletes the rule in between.
    locked = project.validation_rules.by_reference(rule_id)
    rule = locked.select_for_update(no_key=True).first()
    if rule is None:
        raise ResourceNotFound("validation_rules", rule_id)
    assignment, is_new = project.validation_rule_assignments.get_or_create(
        related_object_id=guarded.pk,
        defaults={
            "rule": rule,
            "related_object_type": kind_of(guarded),
            "created_at": now,
        },
    )
    if not is_new:
        raise Duplicate(RESOURCE, assignment.pk)
    told = events.rule_assigned(
        _counted(rule), assignment_as_json(assignment), shown(guarded)
    )
    emit(project, [told], now=now)
    _keep_version(project, guarded, now)
    return assignment


@transaction.atomic
def reassign_rule(
    *, project: Project, rule_id: str, guarded: Guarded, now: datetime
) -> ValidationRuleAssignment:
    """Put one rule on an object, in place of the one it has.

    Raises:
        ResourceNotFound: no such rule; the object keeps what it had.
        Duplicate: somebody else put another rule on the object meanwhile.
    """
    unassign_rules(project=project, guarded=guarded, now=now)
    return assign_rule(project=project, rule_id=rule_id, guarded=guarded, now=now)


def assign_rules(
    *, project: Project, related_object: Guarded, rule_ids: Sequence[str], now: datetime
) -> list[ValidationRuleAssignment]:
    """Put the rules of an inline ``validation_rules`` on a new object.

    Raises:
        InvalidPayload: more than one rule.
        ResourceNotFound: no such rule.
        Duplicate: the object has a rule already.
    """
    return [
        assign_rule(project=project, rule_id=rule_id, guarded=related_object, now=now)
        for rule_id in _at_most_one(rule_ids)
    ]


@transaction.atomic
def replace_rules(
    *, project: Project, related_object: Guarded, rule_ids: Sequence[str], now: datetime
) -> list[ValidationRuleAssignment]:
    """Make ``rule_ids`` the rules of an object; what it has already stays as it is.

    Raises:
        InvalidPayload: more than one rule.
        ResourceNotFound: no such rule.
        Duplicate: somebody else put another rule on the object meanwhile.
    """
    wanted = _at_most_one(rule_ids)
    held = list(project.validation_rule_assignments.of(related_object.pk))
    if [assignment.rule_id for assignment in held] == wanted:
        return held
    unassign_rules(project=project, guarded=related_object, now=now)
    return assign_rules(
        project=project, related_object=related_object, rule_ids=wanted, now=now
    )


@transaction.atomic
def unassign_rules(*, project: Project, guarded: Guarded, now: datetime) -> None:
    """Take off an object whatever rule it has.

    Raises:
        ResourceNotFound: the object is gone meanwhile.
    """
    hold(guarded)
    held = project.validation_rule_assignments.of(guarded.pk)
    _take_off(project, held.select_related("rule"), guarded, now)


@transaction.atomic
def delete_assignment(assignment: ValidationRuleAssignment, *, now: datetime) -> None:
    """Take one rule off its object.

    Raises:
        ResourceNotFound: it has been taken off already.
    """
    project = assignment.project
    held = project.validation_rule_assignments.alive().filter(pk=assignment.pk)
    kind, reference = assignment.related_object_type, assignment.related_object_id
    guarded = _found(project, kind, reference)
    if not _take_off(project, held.select_related("rule"), guarded, now):
        raise ResourceNotFound(RESOURCE, assignment.pk)


def forget_rules(*, project: Project, related_ids: Sequence[str]) -> None:
    """Drop the assignments of objects that are being erased, in one statement.

    Nothing is told: the deletion of the objects is the news.
    """
    _every(project, related_ids).delete()


def hide_rules(*, project: Project, related_ids: Sequence[str]) -> None:
    """Hide the assignments of objects that go into the bin, in one statement.

    Nothing is told, as with ``forget_rules``.
    """
    _every(project, related_ids).update(is_binned=True)


def show_rules(*, project: Project, related_ids: Sequence[str]) -> None:
    """Put the rules back on objects that are restored, in one statement."""
    _every(project, related_ids).update(is_binned=False)


def rules_by_object(project: Project, related_ids: Collection[str]) -> dict[str, str]:
    """Return the ids of the rules on objects, by theirs; one statement."""
    rows = project.validation_rule_assignments.of_any(related_ids)
    return dict(rows.values_list("related_object_id", "rule_id"))


def _every(
    project: Project, related_ids: Sequence[str]
) -> QuerySet[ValidationRuleAssignment]:
    """Return the assignments of objects, in the bin or not."""
    rows = project.validation_rule_assignments
    return rows.filter(related_object_id__in=related_ids)


def _found(project: Project, kind: str, reference: str) -> Guarded | None:
    known = guarded_kinds().get(kind)
    return known.find(project, reference) if known else None


def _take_off(
    project: Project, held: Any, guarded: Guarded | None, now: datetime
) -> int:
    """Delete the assignments and tell of those that this call deleted."""
    told: list[Event] = []
    about = None if guarded is None else shown(guarded)
    for assignment in held.select_for_update(of=("self",)).order_by("pk"):
        taken_off, rule = assignment_as_json(assignment), assignment.rule
        assignment.delete()
        told.append(events.rule_unassigned(_counted(rule), taken_off, about))
    emit(project, told, now=now)
    _keep_version(project, guarded, now)
    return len(told)


def _keep_version(project: Project, guarded: Guarded | None, now: datetime) -> None:
    """Keep how the campaign stands whose rules, or those of a tier, have changed."""
    if isinstance(guarded, Campaign):
        keep_versions(project, [guarded.pk], now=now)
    elif isinstance(guarded, PromotionTier):
        keep_versions(project, [guarded.campaign_id], now=now)


def _at_most_one(rule_ids: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(rule_ids))
    if len(wanted) > RULES_AN_OBJECT:
        raise InvalidPayload(
            f"Property .validation_rules must NOT have more than {RULES_AN_OBJECT} "
            "items"
        )
    return wanted


def _counted(rule: ValidationRule) -> Json:
    """Return the rule as events embed it, with its count as it is now."""
    rule.assignments_count = rule.assignments.alive().count()
    return rule_as_json(rule)
