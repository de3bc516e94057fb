"""Units of an order that came back: by line, with what was paid back for them."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project
from redemptions.models.order import Order
from redemptions.models.redemption import Redemption

RETURN_PREFIX = "ret_"


class SoldLine(models.Model):
    """One line of an order as it was when the first unit came back.

    ``amount`` is what its units cost before discounts, minor units; ``discounts`` are
    the parts of redemptions, by the hex of their ids, empty for discounts that no
    redemption gave. ``item`` is the line as the order kept it. Only
    ``returned_quantity`` changes.

    Source: ADR 0014.
    """

    # No constraint: every return would lock this one row to check it. The project is
    # that of the order.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="sold_lines", db_index=False
    )
    position = models.PositiveIntegerField()
    line_id = models.CharField(max_length=255, blank=True, default="")
    item = models.JSONField(default=dict)
    quantity = models.BigIntegerField()
    returned_quantity = models.BigIntegerField(default=0)
    amount = models.BigIntegerField()
    discounts = models.JSONField(default=dict)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="sold_line_has_its_place"
            ),
            # Two returns at once cannot take back more than was sold.
            models.CheckConstraint(
                name="sold_line_returned_at_most_once",
                condition=Q(
                    returned_quantity__gte=0, returned_quantity__lte=F("quantity")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.returned_quantity} of {self.quantity} returned"

    @property
    def left_quantity(self) -> int:
        """How many units may still come back."""
        return self.quantity - self.returned_quantity


class OrderReturnQuerySet(models.QuerySet["OrderReturn"]):
    """Ways to find returns."""

    def by_reference(self, reference: str) -> Self:
        """The return with this id."""
        if parse_or_none(RETURN_PREFIX, reference) is None:
            return self.none()
        return self.filter(pk=reference)

    def with_related(self) -> Self:
        """Everything that showing returns needs, in a fixed number of statements."""
        return self.prefetch_related(
            "lines__sold_line", "shares__redemption", "shares__rollback"
        )


class OrderReturn(models.Model):
    """Units that came back at one time; rows are added and never changed.

    Money is minor units: ``amount`` what the units cost, ``discount_amount`` what was
    taken off them, ``refund_amount`` what was paid for them.
    """

    id = PrefixedIdField(RETURN_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="order_returns",
        db_constraint=False,
    )
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="returns", db_index=False
    )
    source_id = models.CharField(max_length=512, null=True, blank=True)  # noqa: DJ001 - wire null
    reason = models.TextField(blank=True, default="")
    metadata = models.JSONField(default=dict, blank=True)
    amount = models.BigIntegerField()
    discount_amount = models.BigIntegerField()
    refund_amount = models.BigIntegerField()
    created_at = models.DateTimeField()

    objects = OrderReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            # A request that is sent again finds its return.
            models.UniqueConstraint(
                fields=["order", "source_id"], name="return_source_id_is_unique"
            ),
            models.CheckConstraint(
                name="return_pays_back_what_was_paid",
                condition=Q(
                    refund_amount__gte=0,
                    discount_amount__gte=0,
                    refund_amount=F("amount") - F("discount_amount"),
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["order", "-created_at"], name="return_of_order"),
        ]

    def __str__(self) -> str:
        return self.source_id or self.id


class ReturnedLine(models.Model):
    """Units of one line within a return; ``discounts`` as in the line sold."""

    order_return = models.ForeignKey(
        OrderReturn, on_delete=models.CASCADE, related_name="lines"
    )
    sold_line = models.ForeignKey(
        SoldLine, on_delete=models.CASCADE, related_name="returned_lines"
    )
    quantity = models.BigIntegerField()
    amount = models.BigIntegerField()
    discounts = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="returned_line_has_units", condition=Q(quantity__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} returned"

    @property
    def discount_amount(self) -> int:
        """What was taken off these units, by redemptions and otherwise."""
        return sum(self.discounts.values())


class ReturnedShare(models.Model):
    """What a return took back of one redemption.

    ``card_amount`` are the credits or points that its card got back. ``rollback`` is
    set where nothing of the redemption was left; that row then tells what moved.
    """

    order_return = models.ForeignKey(
        OrderReturn, on_delete=models.CASCADE, related_name="shares"
    )
    redemption = models.ForeignKey(
        Redemption, on_delete=models.CASCADE, related_name="returned_shares"
    )
    discount_amount = models.BigIntegerField()
    order_amount = models.BigIntegerField()
    card_amount = models.BigIntegerField(null=True, blank=True)
    rollback = models.ForeignKey(
        Redemption,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order_return", "redemption"], name="one_share_per_redemption"
            ),
            models.CheckConstraint(
                name="returned_share_is_not_negative",
                condition=Q(discount_amount__gte=0, order_amount__gte=0)
                & (Q(card_amount=None) | Q(card_amount__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.discount_amount} of {self.redemption_id}"
