"""Lists as people narrowed them, kept under a name."""

from django.db import models
from django.db.models.functions import Lower

from promo.ids import PrefixedIdField
from promo.tenancy.models.people import User
from promo.tenancy.models.project import Project


class SavedView(models.Model):
    """One person's own view of a list: its search, filters and order.

    ``page`` names the list, as in ``campaigns_campaign``; ``query`` is what its address
    carries.
    """

    id = PrefixedIdField("view_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="saved_views"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=100)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                "user", "project", "page", Lower("name"), name="one_view_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
