"""Creating, changing and deleting validation rules.

Whatever is stored has passed the grammar, so that what is evaluated later can be
parsed. An edit acts at once on everything that the rule guards.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from campaigns import events
from campaigns.engine.applicability_parsing import (
    applicable_to_json,
    collections_in,
    parse_applicable_to,
)
from campaigns.engine.bundle_parsing import canonical_bundle
from campaigns.engine.declared_types import check_declared
from campaigns.engine.formulas.checking import check_lists
from campaigns.engine.rule_parsing import (
    canonical_rules,
    parse_error_message,
    parse_rules,
)
from campaigns.models import ValidationRule
from campaigns.services.versions import keep_versions_under
from campaigns.wire import rule_as_json
from promo.clock import isoformat
from promo.errors import ResourceNotFound
from promo.ids import parse_or_none
from promo.metadata_schemas.known import known_schemas
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project

RESOURCE = "validation_rules"
PLAIN_FIELDS = ("name", "type", "context_type")


@transaction.atomic
def create_rule(*, project: Project, now: datetime, **values: Any) -> ValidationRule:
    """Store a new rule; ``values`` are the fields of the API, ``name`` among them.

    Raises:
        InvalidPayload: a field of another shape, naming its path.
        BadRequest: ``invalid_validation_rules``, the grammar does not know it, or
            no value of a declared type can satisfy it.
        ResourceNotFound: ``applicable_to`` names an unknown collection.
    """
    fields = _checked(project, values)
    rule = ValidationRule.objects.create(project=project, created_at=now, **fields)
    emit(project, [events.rule_created(rule_as_json(rule))], now=now)
    return rule


@transaction.atomic
def update_rule(
    rule: ValidationRule, *, now: datetime, **values: Any
) -> ValidationRule:
    """Replace the fields that ``values`` names, whole, and raise the version.

    Fields that are not named are not written, so two editors of different fields
    do not undo one another.

    Raises:
        InvalidPayload: as ``create_rule``.
        BadRequest: as ``create_rule``.
        ResourceNotFound: as ``create_rule``, or the rule is gone.
    """
    project = rule.project
    fields = _checked(project, values)
    changed = project.validation_rules.filter(pk=rule.pk).update(
        **fields, version=F("version") + 1, updated_at=now
    )
    if not changed:
        raise ResourceNotFound(RESOURCE, rule.pk)
    stored = project.validation_rules.with_assignment_counts().get(pk=rule.pk)
    emit(project, [events.rule_updated(rule_as_json(stored))], now=now)
    keep_versions_under(project, stored.pk, now=now)
    return stored


@transaction.atomic
def delete_rule(rule: ValidationRule, *, now: datetime, force: bool = False) -> None:
    """Delete a rule and, silently, its assignments, those in the bin among them.

    ``force`` changes nothing: a rule has no bin.

    Raises:
        ResourceNotFound: the rule is gone already.
    """
    project = rule.project
    # Whoever assigns the rule holds it too: no assignment can appear in between.
    held = project.validation_rules.select_for_update().filter(pk=rule.pk).first()
    if held is None:
        raise ResourceNotFound(RESOURCE, rule.pk)
    held.assignments_count = held.assignments.alive().count()
    told = events.rule_deleted(rule_as_json(held), isoformat(now))
    held.delete()
    emit(project, [told], now=now)


def _checked(project: Project, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model's fields behind the API's, in canonical form."""
    fields = {name: values[name] for name in PLAIN_FIELDS if name in values}
    if "rules" in values:
        fields["rules"] = canonical_rules(values["rules"])
        check_declared(parse_rules(fields["rules"]), known_schemas(project).kinds)
    if "bundle_rules" in values:
        fields["bundle_rules"] = canonical_bundle(values["bundle_rules"] or {})
    if "error" in values:
        message = parse_error_message(values["error"])
        fields["error"] = {"message": message} if message else None
    if "applicable_to" in values:
        fields["applicable_to"] = _applicable_to(project, values["applicable_to"])
    return fields


def _applicable_to(project: Project, sent: Any) -> dict[str, Any] | None:
    lists = parse_applicable_to(sent)
    check_lists(lists)
    named = collections_in(lists)
    ids = [text for text in named if parse_or_none("pc_", text)]
    known = set(
        project.product_collections.filter(pk__in=ids).values_list("pk", flat=True)
        if ids
        else ()
    )
    for unknown in sorted(named - known):
        raise ResourceNotFound("products_collection", unknown)
    return applicable_to_json(lists)


OPERATIONS: Operations[ValidationRule] = Operations(
    create=create_rule, update=update_rule, delete=delete_rule
)
