"""Validation rules, and what they are assigned to."""

from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import Count, Q

from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

RULE_PREFIX = "val_"
ASSIGNMENT_PREFIX = "asgm_"


class RuleType(models.TextChoices):
    """Which builder made a rule; without effect on its evaluation."""

    EXPRESSION = "expression"
    BASIC = "basic"
    ADVANCED = "advanced"
    COMPLEX = "complex"


class RelatedObjectType(models.TextChoices):
    """What a rule can be put on."""

    VOUCHER = "voucher"
    CAMPAIGN = "campaign"
    PROMOTION_TIER = "promotion_tier"
    EARNING_RULE = "earning_rule"
    REWARD_ASSIGNMENT = "reward_assignment"
    DISTRIBUTION = "distribution"


class ValidationRuleQuerySet(models.QuerySet["ValidationRule"]):
    """Validation rules, as the rest of the house asks for them."""

    def by_references(self, references: Collection[str]) -> Self:
        """The rules behind shown ids, in one query; other texts name nothing."""
        known = [text for text in references if parse_or_none(RULE_PREFIX, text)]
        return self.filter(pk__in=known)

    def by_reference(self, reference: str) -> Self:
        """The rule behind one shown id."""
        return self.by_references([reference])

    def with_assignment_counts(self) -> Self:
        """Fill ``assignments_count``, how many living objects each rule guards."""
        living = Q(assignments__is_binned=False)
        return self.annotate(assignments_count=Count("assignments", filter=living))


ValidationRuleManager = models.Manager.from_queryset(ValidationRuleQuerySet)


class ValidationRule(models.Model):
    """A set of rules that a redeemable's use must satisfy.

    ``rules`` is the stored definition with its ``logic``, ``applicable_to`` the
    items discounts may touch. ``version`` grows with every change: caches of the
    compiled form are keyed by it.

    Source: rules specification, "Validation rule".
    """

    id = PrefixedIdField(RULE_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="validation_rules"
    )
    name = models.CharField(max_length=255)
    type = models.CharField(
        max_length=16, choices=RuleType.choices, default=RuleType.EXPRESSION
    )
    context_type = models.CharField(max_length=100, default="global")
    rules = models.JSONField(default=dict, blank=True)
    bundle_rules = models.JSONField(null=True, blank=True)
    applicable_to = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ValidationRuleManager()

    #: Filled by ``with_assignment_counts``.
    assignments_count: int = 0

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["project", "-created_at"], name="rule_created")]

    def __str__(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet["ValidationRuleAssignment"]):
    """Assignments, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Those of objects that are not in the bin."""
        return self.filter(is_binned=False)

    def of(self, related_object_id: str) -> Self:
        """The assignments to one campaign, voucher or tier."""
        return self.of_any([related_object_id])

    def of_any(self, related_object_ids: Collection[str]) -> Self:
        """The assignments to several living campaigns, vouchers or tiers."""
        return self.alive().filter(related_object_id__in=related_object_ids)

    def by_reference(self, reference: str) -> Self:
        """The assignment behind a shown id; another text names nothing."""
        if parse_or_none(ASSIGNMENT_PREFIX, reference) is None:
            return self.none()
        return self.alive().filter(pk=reference)


AssignmentManager = models.Manager.from_queryset(AssignmentQuerySet)


class ValidationRuleAssignment(models.Model):
    """A rule put on one object, which has at most one of its own.

    ``related_object_id`` is the shown id of that object; its prefix tells kinds
    apart, some of which live in tables that this app does not know. With its object
    in the bin (``is_binned``) it is hidden until the object is restored.

    Source: rules specification, "Assignments".
    """

    id = PrefixedIdField(ASSIGNMENT_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="validation_rule_assignments"
    )
    rule = models.ForeignKey(
        ValidationRule, on_delete=models.CASCADE, related_name="assignments"
    )
    related_object_id = models.CharField(max_length=64)
    related_object_type = models.CharField(
        max_length=32, choices=RelatedObjectType.choices
    )
    is_binned = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects = AssignmentManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "related_object_id"], name="one_rule_an_object"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.related_object_id}"
