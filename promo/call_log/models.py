"""Calls of the API, as they were made and answered."""

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Organisation, Project


class ApiCall(models.Model):
    """One call: who asked for what, what was answered, and how long it took.

    A call with a management key belongs to the organisation alone, every other one to
    a project too; one made at the dashboard names the person instead of a key.
    ``endpoint`` is verb and route, ``POST_v1_vouchers_code_redemption``; ``channel`` is
    what the caller says it is, else the surface. Bodies are JSON as a rule, masked,
    and cut where they are long. ``erased_at`` is when a person's data was taken out.

    The table has a partition a month; its key holds ``created_at`` as well, which the
    id alone stands for here.

    Source: platform specification, "Audit log".
    """

    id = PrefixedIdField("log_", primary_key=True, editable=False)
    # No constraints: see the decision on rows that everybody shares.
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        related_name="api_calls",
        db_constraint=False,
        db_index=False,
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="api_calls",
        db_constraint=False,
        db_index=False,
        null=True,
    )
    created_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    request_id = models.CharField(max_length=64)
    channel = models.CharField(max_length=100)
    method = models.CharField(max_length=10)
    endpoint = models.CharField(max_length=255)
    url = models.TextField(verbose_name="URL")
    user_email = models.CharField(max_length=254, verbose_name="user")
    app_id = models.UUIDField(null=True)
    client_app_id = models.UUIDField(null=True)
    request_duration = models.PositiveIntegerField(help_text="Milliseconds.")
    request_body = models.TextField()
    response_body = models.TextField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API call"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="call_made"),
            models.Index(
                fields=["organisation", "created_at", "id"],
                name="call_managing",
                condition=models.Q(project=None),
            ),
            models.Index(fields=["request_id"], name="call_request"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class Forgetting(models.Model):
    """Somebody whom calls of the project are to forget, until the last has arrived.

    ``references`` are the ids and addresses by which bodies name the person. The row
    goes as soon as no call of that time can still be on its way to the table.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="forgettings"
    )
    references = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.project_id} {self.created_at}"
