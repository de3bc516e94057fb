"""Validation rules and their assignments as the API and events show them."""

from typing import Any

from campaigns.models import ValidationRule, ValidationRuleAssignment
from campaigns.wire.limits import moment, without_nulls
from promo.clock import isoformat

Json = dict[str, Any]


def rule_as_json(rule: ValidationRule) -> Json:
    """Return the whole rule; ``applicable_to`` is null where it was never sent.

    ``assignments_count`` is right where the rule was loaded with
    ``with_assignment_counts``.

    Source: rules specification, "Fields".
    """
    optional = {
        "bundle_rules": rule.bundle_rules,
        "error": rule.error,
        "updated_at": moment(rule.updated_at),
    }
    return without_nulls(optional) | {
        "id": rule.pk,
        "name": rule.name,
        "rules": rule.rules,
        "applicable_to": rule.applicable_to,
        "type": rule.type,
        "context_type": rule.context_type,
        "assignments_count": rule.assignments_count,
        "created_at": isoformat(rule.created_at),
        "object": "validation_rules",
    }


def assignment_as_json(assignment: ValidationRuleAssignment) -> Json:
    """Return an assignment.

    Source: rules specification, "Assignments".
    """
    return {
        "id": assignment.pk,
        "rule_id": assignment.rule_id,
        "related_object_id": assignment.related_object_id,
        "related_object_type": assignment.related_object_type,
        "created_at": isoformat(assignment.created_at),
        "object": "validation_rules_assignment",
    }
