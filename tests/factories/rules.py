"""Validation rules and their assignments for tests."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from campaigns.models import ValidationRule, ValidationRuleAssignment
from tests.factories.tenancy import NOW, ProjectFactory

BIG_ORDER: dict[str, Any] = {
    "1": {
        "name": "order.amount",
        "property": None,
        "conditions": {"$more_than": [10_000]},
        "error": {"message": "Spend more than 100"},
    },
    "logic": "1",
}


class ValidationRuleFactory(DjangoModelFactory[ValidationRule]):
    """A rule that always passes."""

    class Meta:
        model = ValidationRule

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Rule {n}")
    created_at = NOW


class AssignmentFactory(DjangoModelFactory[ValidationRuleAssignment]):
    """A rule on a campaign that nobody needs to know."""

    class Meta:
        model = ValidationRuleAssignment

    project = factory.SubFactory(ProjectFactory)
    rule = factory.SubFactory(
        ValidationRuleFactory, project=factory.SelfAttribute("..project")
    )
    related_object_id = factory.Sequence(lambda n: f"camp_{n:032x}")
    related_object_type = "campaign"
    created_at = NOW
