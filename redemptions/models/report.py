"""What reports read: sums of what happened, kept beside the rows (ADR 0022).

``scope`` is the UUID of a campaign, or of the project for all campaigns together and
codes without one. Money is minor units. Everything belongs to the moment of its
redemption: what is undone later leaves that moment again.
"""

from django.db import models
from django.db.models import Q

from promo.tenancy.models import Project


def _project() -> models.ForeignKey[Project, Project]:
    # No constraint: every relay would lock this one row to check it. The project is
    # that of the redemption.
    return models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


class Tallied(models.TextChoices):
    """What a tally is of; its name says which one."""

    CODE = "c", "Codes, by their id"
    TIER = "t", "Promotion tiers, by their id"
    CUSTOMER = "s", "Customers, by their id"
    REASON = "f", "Reasons for refusals, by their key"
    PRODUCT = "p", "Products, by id, source id or name"


class ReportSum(models.Model):
    """What an hour of the project's clock came to, by channel.

    ``at`` is when the hour begins. ``redemptions`` are all that succeeded, of which
    ``rolled_back`` stand no more. ``discount`` and ``credits`` are what stands of
    discounts and of gift cards. An order counts once, at its first redemption that
    stands: ``order_value`` before and ``revenue`` after discounts, without what came
    back.
    """

    project = _project()
    scope = models.UUIDField()
    at = models.DateTimeField()
    channel = models.CharField(max_length=255, blank=True, default="")
    redemptions = models.BigIntegerField(default=0)
    rolled_back = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    discount = models.BigIntegerField(default=0)
    credits = models.BigIntegerField(default=0)
    orders = models.BigIntegerField(default=0)
    order_value = models.BigIntegerField(default=0)
    revenue = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["at", "channel"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "scope", "at", "channel"], name="one_sum_an_hour"
            )
        ]
        indexes = [
            # All campaigns of a time beside each other.
            models.Index(fields=["project", "at"], name="sum_of_project_by_hour")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.at}"


class ReportTally(models.Model):
    """How often one thing was in it on a day of the project's clock.

    ``count`` are redemptions that stand, refusals of a reason, or orders with a
    product; ``amount`` is the discount that stands, of a product its units.

    A customer's tally with a count has a ``previous_day``: the one before it on which
    he has a count in the same scope. People of some days are then those whose day
    before lies outside, which needs no comparing of names.
    """

    project = _project()
    scope = models.UUIDField()
    kind = models.CharField(max_length=1, choices=Tallied.choices)
    day = models.DateField()
    name = models.CharField(max_length=512)
    count = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    previous_day = models.DateField(null=True)

    class Meta:
        ordering = ["day", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "scope", "kind", "day", "name"],
                name="one_tally_a_day",
            )
        ]
        indexes = [
            # A person's days in a row, until he is to be forgotten.
            models.Index(
                fields=["name", "scope", "day"],
                name="days_of_customer",
                condition=Q(kind=Tallied.CUSTOMER),
            ),
            models.Index(
                fields=["project", "scope", "day", "previous_day"],
                name="people_by_day",
                include=["count"],
                condition=Q(kind=Tallied.CUSTOMER),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.day}"


class ReportOrder(models.Model):
    """What an order has been counted with, so that it counts once.

    ``products`` are units by product. The order itself may be gone: what it came to
    stays.
    """

    project = _project()
    scope = models.UUIDField()
    order = models.UUIDField()
    at = models.DateTimeField()
    day = models.DateField()
    channel = models.CharField(max_length=255, blank=True, default="")
    order_value = models.BigIntegerField()
    revenue = models.BigIntegerField()
    products = models.JSONField(default=dict)

    class Meta:
        ordering = ["order", "scope"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "scope"], name="order_counts_once_a_scope"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.scope}"


class ReportState(models.Model):
    """In which zone a project's figures are kept; without a row they are not yet."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="report_state"
    )
    timezone = models.CharField(max_length=64)
    built_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.timezone
