"""Validation rules, and what they are assigned to."""

from typing import Self

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Project


class ValidationRule(models.Model):
    """A set of rules that a redeemable's use must satisfy.

    ``rules`` is the stored definition with its ``logic``, ``applicable_to`` the
    items discounts may touch. ``version`` grows with every change: caches of the
    compiled form are keyed by it.

    Source: rules specification, "Validation rule".
    """

    id = PrefixedIdField("val_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="validation_rules"
    )
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=16, default="advanced")
    context_type = models.CharField(max_length=64, default="global")
    rules = models.JSONField(default=dict, blank=True)
    bundle_rules = models.JSONField(null=True, blank=True)
    applicable_to = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["project", "-created_at"], name="rule_created")]

    def __str__(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet["ValidationRuleAssignment"]):
    """Assignments, as the rest of the house asks for them."""

    def of(self, related_object_id: str) -> Self:
        """The assignments to one campaign, voucher or tier."""
        return self.filter(related_object_id=related_object_id)


class ValidationRuleAssignment(models.Model):
    """A rule put on a campaign, a voucher or a promotion tier.

    ``related_object_id`` is the shown id of that object.
    """

    id = PrefixedIdField("asgm_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="validation_rule_assignments"
    )
    rule = models.ForeignKey(
        ValidationRule, on_delete=models.CASCADE, related_name="assignments"
    )
    related_object_id = models.CharField(max_length=64)
    related_object_type = models.CharField(max_length=32)
    created_at = models.DateTimeField(editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "related_object_id", "rule"],
                name="rule_assigned_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.related_object_id}"
