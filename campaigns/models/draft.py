"""Campaigns that somebody is still building: nothing of them is live."""

from typing import Self

from django.conf import settings
from django.db import models

from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

DRAFT_PREFIX = "draft_"


class CampaignDraftQuerySet(models.QuerySet["CampaignDraft"]):
    """Drafts and templates, as the builder asks for them."""

    def drafts(self) -> Self:
        """What will become campaigns."""
        return self.filter(is_template=False)

    def templates(self) -> Self:
        """What drafts start from."""
        return self.filter(is_template=True)

    def by_reference(self, reference: str) -> Self:
        """The row with this id; what is no id names nothing."""
        if parse_or_none(DRAFT_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)


CampaignDraftManager = models.Manager.from_queryset(CampaignDraftQuerySet)


class CampaignDraft(models.Model):
    """What stands in the builder of a campaign, until it is published.

    ``payload`` holds ``fields`` (a list of typed texts by name), ``rules`` and
    ``applicable_to`` as validation rules have them, and the ``message`` of the rule;
    none of it has been checked. A template is kept for others to start from.
    """

    id = PrefixedIdField(DRAFT_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="campaign_drafts"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    name = models.CharField(max_length=255, blank=True)
    step = models.CharField(max_length=16)
    payload = models.JSONField(default=dict)
    is_template = models.BooleanField(default=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    objects = CampaignDraftManager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            models.Index(fields=["project", "-updated_at"], name="draft_updated")
        ]

    def __str__(self) -> str:
        return self.name or "Without a name"
