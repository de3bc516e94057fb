"""Webhooks of a project, and the secrets that sign what they get."""

from datetime import datetime
from typing import Self

from django.db import models

from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project
from webhooks.models.distribution import Distribution

WEBHOOK_PREFIX = "wh_"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Webhooks, found and told apart."""

    def by_reference(self, reference: str) -> Self:
        """The one with this id."""
        if parse_or_none(WEBHOOK_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)

    def configured(self) -> Self:
        """Those that people configure: no channels of distributions."""
        return self.filter(distribution=None)

    def active(self) -> Self:
        """Those that get what happens."""
        return self.filter(active=True)


class Webhook(models.Model):
    """Where a project wants to be told, and of what.

    One with a ``distribution`` is that one's channel: it hears no events, and neither
    the API nor the dashboard shows it among the others.

    ``events`` are names as the caller wrote them; ``all_events`` asks for every one,
    those of later versions too. ``headers`` go out with every sendout. ``disabled_at``
    is when a sendout that failed for the last time switched it off, ``notice_sent_at``
    when people were told.
    ``failures`` counts sendouts that failed in a row, ``paused_until`` is how long
    nothing goes out because of that.
    """

    id = PrefixedIdField(WEBHOOK_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="webhooks"
    )
    distribution = models.OneToOneField(
        Distribution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="endpoint",
        editable=False,
    )
    target_url = models.CharField(max_length=2_048)
    events = models.JSONField(default=list)
    all_events = models.BooleanField(default=False)
    headers = models.JSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    notice_sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.target_url


class SigningSecretQuerySet(models.QuerySet["SigningSecret"]):
    """Secrets, the newest first."""

    def valid_at(self, now: datetime) -> Self:
        """Those that still sign."""
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=now)
        return self.filter(unexpired).order_by("-id")


class SigningSecret(models.Model):
    """A secret of a project, sealed; one without ``expires_at`` is the current one."""

    id = PrefixedIdField("whsec_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="signing_secrets"
    )
    sealed = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = SigningSecretQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(expires_at=None),
                name="one_current_secret",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.created_at}"
