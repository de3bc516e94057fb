"""Requests for a change, and what is said about them."""

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models import Membership, Project, User


class RequestStatus(models.TextChoices):
    """Where a request stands."""

    PENDING = "PENDING", "Waiting for approval"
    CHANGES_REQUESTED = "CHANGES_REQUESTED", "Changes requested"
    APPROVED = "APPROVED", "Approved"
    REJECTED = "REJECTED", "Rejected"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


#: A request may still be decided on, or sent again.
OPEN = (RequestStatus.PENDING, RequestStatus.CHANGES_REQUESTED)


class ApprovalRequest(models.Model):
    """A change that is made only once somebody else agrees.

    ``action`` names what is done, ``payload`` what it is done with, sealed into JSON;
    ``target_id`` is what it is done to, empty for something new. ``changes`` lists
    label, before and after in words. Without ``approvers`` whoever may decide does.
    """

    id = PrefixedIdField("apr_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="approval_requests"
    )
    author = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="approval_requests"
    )
    approvers = models.ManyToManyField(Membership, related_name="+", blank=True)
    action = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    target_id = models.CharField(max_length=64, blank=True, default="")
    payload = models.JSONField(default=dict)
    changes = models.JSONField(default=list)
    status = models.CharField(
        max_length=20, choices=RequestStatus.choices, default=RequestStatus.PENDING
    )
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "request"
        indexes = [
            models.Index(fields=["project", "-created_at"], name="request_created"),
            models.Index(
                fields=["project", "action", "target_id"],
                name="request_open_target",
                condition=models.Q(status__in=["PENDING", "CHANGES_REQUESTED"]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it can still be decided on or sent again."""
        return self.status in OPEN


class ApprovalComment(models.Model):
    """Something said or done about a request; ``said_by`` is None for the machine."""

    request = models.ForeignKey(
        ApprovalRequest, on_delete=models.CASCADE, related_name="comments"
    )
    said_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    what = models.CharField(max_length=40)
    text = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.what
