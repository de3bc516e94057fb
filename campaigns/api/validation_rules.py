"""``/v1/validation-rules``."""

from typing import Any

from campaigns.engine.rule_contexts import CONTEXT_TYPES
from campaigns.models import RuleType, ValidationRule
from campaigns.models.validation_rule import ValidationRuleQuerySet
from campaigns.services import validation_rule
from campaigns.wire import rule_as_json
from promo.api.fields import Choice, JsonObject, Moment, Text, WholeNumber
from promo.api.filters import QueryFilters
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer


class ValidationRuleInput(ApiSerializer):
    """The body of a create; the service behind knows the grammar."""

    name = Text(shortest=1, longest=255)
    rules = JsonObject(required=False)
    bundle_rules = JsonObject(required=False, allow_null=True)
    error = JsonObject(required=False, allow_null=True)
    applicable_to = JsonObject(required=False, allow_null=True)
    type = Choice(RuleType.values, required=False)
    context_type = Choice(CONTEXT_TYPES, required=False)


class ValidationRuleSerializer(ApiSerializer):
    """A validation rule as answered."""

    id = Text()
    name = Text()
    rules = JsonObject()
    bundle_rules = JsonObject(required=False)
    error = JsonObject(required=False)
    applicable_to = JsonObject(allow_null=True)
    type = Text()
    context_type = Text()
    assignments_count = WholeNumber()
    created_at = Moment()
    updated_at = Moment(required=False)
    object = Text()

    def to_representation(self, instance: ValidationRule) -> dict[str, Any]:
        return rule_as_json(instance)


class ValidationRuleResource(Resource[ValidationRule]):
    route = "v1/validation-rules"
    resource_type = validation_rule.RESOURCE
    permission_resource = "validation_rules"
    serializer_class = ValidationRuleSerializer
    input_class = ValidationRuleInput
    operations = validation_rule.OPERATIONS
    query_filters = QueryFilters(date_range="created_at")
    orderings = {name: name for name in ("created_at", "updated_at", "name")}

    def get_queryset(self) -> ValidationRuleQuerySet:
        rules: ValidationRuleQuerySet = self.project.validation_rules.all()
        return rules.with_assignment_counts()
