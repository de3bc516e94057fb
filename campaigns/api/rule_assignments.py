"""``/v1/validation-rules-assignments`` and the assignments of one rule."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import (
    RelatedObjectType,
    ValidationRule,
    ValidationRuleAssignment,
)
from campaigns.models.validation_rule import RULE_PREFIX, AssignmentQuerySet
from campaigns.services import rule_assignments
from campaigns.wire import assignment_as_json
from promo.api import query
from promo.api.columns import IdColumn, TextColumn
from promo.api.fields import Choice, Moment, Text
from promo.api.filters import QueryFilters
from promo.api.resource import NO_CONTENT, Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.errors import InvalidPayload

#: Bodies of an older form name the object by its kind: ``{"voucher": "…"}``.
OLDER_FORMS = (
    RelatedObjectType.VOUCHER,
    RelatedObjectType.CAMPAIGN,
    RelatedObjectType.PROMOTION_TIER,
)


class AssignmentInput(ApiSerializer):
    """What a rule is to be put on."""

    related_object_type = Choice(RelatedObjectType.values, required=False)
    related_object_id = Text(shortest=1, longest=512, required=False)
    voucher = Text(shortest=1, longest=512, required=False)
    campaign = Text(shortest=1, longest=512, required=False)
    promotion_tier = Text(shortest=1, longest=512, required=False)


class AssignmentSerializer(ApiSerializer):
    """An assignment as answered."""

    id = Text()
    rule_id = Text()
    related_object_id = Text()
    related_object_type = Text()
    created_at = Moment()
    object = Text()

    def to_representation(self, instance: ValidationRuleAssignment) -> dict[str, Any]:
        return assignment_as_json(instance)


class AssignmentResource(Resource[ValidationRuleAssignment]):
    """All assignments of the project; they are made and deleted below their rule."""

    route = "v1/validation-rules-assignments"
    resource_type = rule_assignments.RESOURCE
    permission_resource = "validation_rules"
    serializer_class = AssignmentSerializer
    query_filters = QueryFilters(
        shortcuts={
            "related_object_id": TextColumn("related_object_id"),
            "rule": IdColumn("rule_id", RULE_PREFIX),
        }
    )

    def get_queryset(self) -> AssignmentQuerySet:
        rows: AssignmentQuerySet = self.project.validation_rule_assignments.alive()
        return rows

    @classmethod
    def urls(cls) -> list[URLPattern]:
        view = cls.as_view({"get": "list"})
        return [path(cls.route, view, name="validation-rules-assignments")]


class RuleAssignmentResource(AssignmentResource):
    """The assignments of one rule."""

    route = "v1/validation-rules/<reference:rule>/assignments"
    input_class = AssignmentInput

    def get_queryset(self) -> AssignmentQuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return super().get_queryset().filter(rule=self.rule)

    @property
    def rule(self) -> ValidationRule:
        """The rule that the path names.

        Raises:
            ResourceNotFound: this project has none.
        """
        rules = self.project.validation_rules.all()
        found: ValidationRule = find_or_404(
            rules, self.kwargs["rule"], "validation_rules"
        )
        return found

    @classmethod
    def urls(cls) -> list[URLPattern]:
        every = cls.as_view({"get": "list", "post": "create"})
        one = cls.as_view({"delete": "destroy"})
        return [
            path(cls.route, every, name="rule-assignments"),
            path(f"{cls.route}/<reference:reference>", one, name="rule-assignment"),
        ]

    @extend_schema(operation_id="v1_validation_rules_rule_assignments_list")
    def list(self, request: Request, rule: str) -> Response:  # type: ignore[override]  # the path names a rule too
        return super().list(request)

    def create(self, request: Request, rule: str) -> Response:  # type: ignore[override]  # the path names a rule too
        found = self.rule
        kind, reference = _related(self.parse(AssignmentInput))
        guarded = rule_assignments.find_guarded(self.project, kind, reference)
        is_forced = query.flag(request.query_params, "force")
        assign = (
            rule_assignments.reassign_rule
            if is_forced
            else rule_assignments.assign_rule
        )
        assignment = assign(
            project=self.project, rule_id=found.pk, guarded=guarded, now=self.now
        )
        return Response(self.show(assignment))

    def destroy(self, request: Request, rule: str, reference: str) -> Response:  # type: ignore[override]  # the path names a rule too
        rule_assignments.delete_assignment(self.find(reference), now=self.now)
        return Response(status=NO_CONTENT)


def _related(body: dict[str, Any]) -> tuple[str, str]:
    """Return kind and reference of the object that a body names."""
    for kind in OLDER_FORMS:
        if kind in body:
            return kind, body[kind]
    if "related_object_id" not in body:
        raise InvalidPayload("Payload must have required property 'related_object_id'")
    kind = body.get("related_object_type") or RelatedObjectType.VOUCHER
    return kind, body["related_object_id"]
