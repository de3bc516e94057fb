"""Asynchronous actions: long work, its progress and its outcome."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef

from promo.ids import PrefixedIdField
from promo.jobs.naming import kind_in_words
from promo.tenancy.models import Project


class ActionStatus(models.TextChoices):
    """How far an action is; a draft waits for somebody to confirm it."""

    DRAFT = "DRAFT"
    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    FAILED = "FAILED"


class AsyncActionQuerySet(models.QuerySet["AsyncAction"]):
    """Actions, as the rest of the house asks for them."""

    def by_reference(self, reference: str) -> Self:
        """The action with this id."""
        return self.filter(pk=reference)

    def whole(self) -> Self:
        """Actions that were asked for, without the parts of any and without drafts."""
        return self.filter(parent=None).exclude(status=ActionStatus.DRAFT)

    def workable(self) -> Self:
        """Unfinished actions that wait for no part of theirs."""
        parts = AsyncAction.objects.filter(parent=OuterRef("pk"), finished_at=None)
        return self.filter(~Exists(parts), finished_at=None)


AsyncActionManager = models.Manager.from_queryset(AsyncActionQuerySet)


class AsyncAction(models.Model):
    """One piece of long work, done in steps that each commit their progress.

    ``arguments`` is what was asked, ``progress`` what the next step needs to go
    on, ``result`` what the API shows. ``stepped_at`` is when a step last ended, so
    that the sweep finds what a killed worker left. ``turn`` counts how often a worker
    was asked; messages of an earlier turn are void. An action may have parts, actions
    with it as ``parent`` that several workers take: it goes on once all have ended.
    """

    id = PrefixedIdField("aa_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="async_actions"
    )
    type = models.CharField(max_length=64)
    operation = models.CharField(max_length=64, blank=True, default="")
    status = models.CharField(
        max_length=16, choices=ActionStatus.choices, default=ActionStatus.ACCEPTED
    )
    arguments = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True, default="")
    # Who asked, from where, and how far a restricted caller reaches.
    source = models.JSONField(default=dict)
    processing_time = models.PositiveIntegerField(default=0)
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="parts",
        editable=False,
    )
    turn = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()
    stepped_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = AsyncActionManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="action_of_project"),
            models.Index(
                fields=["created_at"],
                name="action_unfinished",
                condition=models.Q(finished_at=None),
            ),
            models.Index(
                fields=["project", "created_at"],
                name="action_failed",
                condition=models.Q(status="FAILED"),
            ),
        ]

    def __str__(self) -> str:
        return kind_in_words(self.type)


class UploadPart(models.Model):
    """A piece of what was sent for an action, from ``start`` on."""

    action = models.ForeignKey(
        AsyncAction, on_delete=models.CASCADE, related_name="upload_parts"
    )
    start = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "start"], name="one_part_at_a_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action_id} from {self.start}"


class ReportRow(models.Model):
    """What came of one row of an action.

    ``found`` and ``updated`` are None where the work does not say.
    """

    action = models.ForeignKey(
        AsyncAction, on_delete=models.CASCADE, related_name="report_rows"
    )
    number = models.BigIntegerField()
    name = models.CharField(max_length=255, blank=True, default="")
    found = models.BooleanField(null=True)
    updated = models.BooleanField(null=True)
    error_key = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "number"], name="one_outcome_of_a_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action_id} row {self.number}"


class ImportedStep(models.Model):
    """What one step of an import has made, by keys.

    Kept as long as the report, so that the import can be taken back.
    """

    action = models.ForeignKey(
        AsyncAction, on_delete=models.CASCADE, related_name="imported_steps"
    )
    keys = ArrayField(models.UUIDField())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.action_id} {self.pk}"


class ImportMapping(models.Model):
    """What the columns of files of one kind filled the last time, in a project.

    ``columns`` are by the title as it is compared: the header of a known field,
    ``metadata``, or ``-`` for nothing.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="import_mappings"
    )
    kind = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind"], name="one_mapping_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return kind_in_words(self.kind)
