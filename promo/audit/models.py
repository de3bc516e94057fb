"""The audit log: what was changed, by whom, from what to what."""

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Project


class Action(models.TextChoices):
    """What was done to an object, or to many at once."""

    CREATED = "created", "Created"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"
    RESTORED = "restored", "Restored"


class ActorKind(models.TextChoices):
    """Who did it."""

    PERSON = "person", "Person"
    KEY = "key", "API key"
    SYSTEM = "system", "System"


class Change(models.Model):
    """One change of one row, or one statement that changed many.

    ``before`` and ``after`` hold the columns that differ, as the database shows rows as
    JSON; a created row has only ``after``, a deleted one only ``before``. A statement
    that changed many rows says in ``rows`` how many, and of its columns nothing.
    ``object_id`` and ``about_id`` are keys as text without dashes, the latter that of
    what the object is a part of; ``customer_id`` is whom the row tells of.
    ``erased_at`` is when a person's data was taken out.

    Triggers write it (``promo.audit.watching``), and one refuses every other change of
    it. The table has a partition a month; its key holds ``created_at`` as well, which
    the id alone stands for here.
    """

    id = PrefixedIdField("chg_", primary_key=True, editable=False)
    # The log outlives what it tells of.
    project = models.ForeignKey(
        Project,
        on_delete=models.DO_NOTHING,
        related_name="changes",
        db_constraint=False,
        db_index=False,
        null=True,
    )
    created_at = models.DateTimeField()
    table = models.CharField(max_length=63, verbose_name="kind")
    object_id = models.CharField(max_length=64, verbose_name="object")
    about_id = models.CharField(max_length=64)
    customer_id = models.UUIDField(null=True)
    name = models.CharField(max_length=255)
    action = models.CharField(max_length=10, choices=Action.choices)
    before = models.JSONField()
    after = models.JSONField()
    rows = models.PositiveIntegerField()
    actor_kind = models.CharField(
        max_length=10, choices=ActorKind.choices, verbose_name="kind of actor"
    )
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=255, verbose_name="who")
    channel = models.CharField(max_length=20)
    request_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="change_made"),
            models.Index(
                fields=["project", "table", "created_at", "id"], name="change_kind"
            ),
            models.Index(
                fields=["project", "actor_id", "created_at", "id"], name="change_actor"
            ),
            models.Index(fields=["object_id", "created_at"], name="change_object"),
            models.Index(
                fields=["about_id", "created_at"],
                name="change_about",
                condition=~models.Q(about_id=""),
            ),
            models.Index(
                fields=["customer_id"],
                name="change_customer",
                condition=models.Q(customer_id__isnull=False),
            ),
            models.Index(fields=["request_id"], name="change_request"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.table} {self.name}"
