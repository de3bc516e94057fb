"""Secret addresses under which calendars read when campaigns run."""

from django.conf import settings
from django.db import models

from promo.tenancy.models import Project


class CalendarFeed(models.Model):
    """One person's address of a project's calendar; a new one replaces it.

    ``token_hash`` is the SHA-256 of the secret in it, in hex. The address works as
    long as the person may read campaigns.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_feed_each")
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.user_id}"
