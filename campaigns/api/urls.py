from django.urls import URLPattern

from campaigns.api.rule_assignments import AssignmentResource, RuleAssignmentResource
from campaigns.api.validation_rules import ValidationRuleResource

urlpatterns: list[URLPattern] = [
    *AssignmentResource.urls(),
    *RuleAssignmentResource.urls(),
    *ValidationRuleResource.urls(),
]
