"""Consents: what a project asks people to agree to, and what each has chosen."""

from typing import Self

from django.db import models

from customers.models.customer import Customer
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

CONSENT_PREFIX = "cnst_"
GROUP_PREFIX = "cnstgr_"


class ConsentCategory(models.TextChoices):
    """What a consent allows; those named like a channel allow messages on it."""

    EMAIL = "EMAIL", "E-mail"
    SMS = "SMS", "Text messages"
    PHONE = "PHONE", "Phone calls"
    POST = "POST", "Post"
    PUSH = "PUSH", "Notifications"
    TRACKING = "TRACKING", "Tracking"
    OTHER = "OTHER", "Something else"


class ConsentGroup(models.Model):
    """A heading under which consents are asked for together.

    Source: data specification, "Consents, double opt-in, preference centre".
    """

    id = PrefixedIdField(GROUP_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="consent_groups"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="consent_group_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents, as the rest of the house asks for them."""

    def by_references(self, references: list[str]) -> Self:
        """The consents with these ids; what is no id is nobody's."""
        ids = [text for text in references if parse_or_none(CONSENT_PREFIX, text)]
        return self.filter(pk__in=ids)


class Consent(models.Model):
    """One thing to agree to or not; nobody has agreed who has not said so.

    Source: data specification, "Consents, double opt-in, preference centre".
    """

    id = PrefixedIdField(CONSENT_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="consents"
    )
    group = models.ForeignKey(
        ConsentGroup,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="consents",
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    category = models.CharField(
        max_length=16, choices=ConsentCategory.choices, default=ConsentCategory.EMAIL
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = models.Manager.from_queryset(ConsentQuerySet)()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="consent_name")
        ]

    def __str__(self) -> str:
        return self.name


class ConsentChoice(models.Model):
    """What a customer said last about a consent, when and where."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="consent_choices"
    )
    consent = models.ForeignKey(
        Consent, on_delete=models.CASCADE, related_name="choices", db_index=False
    )
    given = models.BooleanField()
    channel = models.CharField(max_length=24)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["consent", "customer"], name="one_choice_a_consent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consent_id}: {'given' if self.given else 'refused'}"
