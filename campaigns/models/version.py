"""Versions of campaigns: how each stood after somebody changed it."""

from django.db import models

from campaigns.models.campaign import Campaign
from promo.ids import PrefixedIdField
from promo.tenancy.models import Project


class CampaignVersion(models.Model):
    """A campaign with its tiers and its rules, as one request left them.

    ``snapshot`` holds ``campaign`` as the API shows it, without what counts, and
    ``rules``, the rule on it and on each of its tiers by the id of what they guard.
    ``author`` is who changed it, as the audit log names him, ``reason`` why. Versions
    are never changed, except by the rest of the request that made them.
    """

    id = PrefixedIdField("cver_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="campaign_versions"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    snapshot = models.JSONField()
    author = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["campaign", "created_at", "id"], name="version_made")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.created_at}"
