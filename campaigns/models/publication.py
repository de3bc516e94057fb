"""Publications: which codes were given to whom, and attempts that failed."""

from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from campaigns.models.campaign import Campaign
from campaigns.models.voucher import Voucher
from customers.models import Customer
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project

PUBLICATION_PREFIX = "pub_"


class PublicationResult(models.TextChoices):
    """How the attempt ended."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Ways to find publications."""

    def by_reference(self, reference: str) -> Self:
        """The publication with this id."""
        if parse_or_none(PUBLICATION_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)

    def succeeded(self) -> Self:
        """Those that gave codes."""
        return self.filter(result=PublicationResult.SUCCESS)

    def with_related(self) -> Self:
        """All that showing them needs, in two statements."""
        vouchers = Voucher.objects.select_related("campaign__category", "category")
        return self.select_related("customer__project").prefetch_related(
            models.Prefetch("vouchers", vouchers.order_by("pk"))
        )

    def with_first_code(self) -> Self:
        """Know ``first_code``, by which lists are ordered; it is not shown."""
        codes = Voucher.objects.filter(publications=OuterRef("pk")).order_by("code")
        return self.alias(first_code=Subquery(codes.values("code")[:1]))


class Publication(models.Model):
    """One request to give a customer codes.

    ``source_id`` is the caller's name for it: repeated, it gets the same answer.
    ``joined_once`` says that the customer may have one publication of the campaign.

    Source: campaigns specification, "Publications".
    """

    id = PrefixedIdField(PUBLICATION_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="publications"
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="publications",
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="publications",
    )
    vouchers = models.ManyToManyField(Voucher, related_name="publications")
    source_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - wire null
    joined_once = models.BooleanField(default=False)
    channel = models.CharField(max_length=255, default="API")
    metadata = models.JSONField(default=dict, blank=True)
    result = models.CharField(max_length=8, choices=PublicationResult.choices)
    failure_code = models.CharField(max_length=100, blank=True, default="")
    failure_message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source_id"],
                name="publication_source_id_is_unique",
                condition=Q(source_id__isnull=False, result="SUCCESS"),
            ),
            models.UniqueConstraint(
                fields=["campaign", "customer"],
                name="customer_joins_campaign_once",
                condition=Q(joined_once=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "-created_at", "-id"], name="publication_newest"
            )
        ]

    def __str__(self) -> str:
        return self.pk
