"""What the API itself stores."""

from django.db import models

from promo.tenancy.models import Project


class IdempotentAnswer(models.Model):
    """The first answer to a POST with an ``Idempotency-Key``, kept for 24 hours.

    The row is there before the work begins, so a second request with the key never
    works beside the first one; ``status`` is null until there is an answer.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="idempotent_answers"
    )
    key = models.CharField(max_length=255)
    path_hash = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key", "path_hash"],
                name="one_answer_per_key_and_route",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.status or 'running'}"
