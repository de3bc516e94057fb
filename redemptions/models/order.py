"""An order as its shop last told us, with the discounts it has had."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from customers.models import Customer
from promo.ids import PrefixedIdField, parse_or_none
from promo.tenancy.models import Project


class OrderStatus(models.TextChoices):
    """How far an order is."""

    CREATED = "CREATED"
    PAID = "PAID"
    CANCELED = "CANCELED"
    FULFILLED = "FULFILLED"


class OrderQuerySet(models.QuerySet["Order"]):
    """Ways to find orders."""

    def alive(self) -> Self:
        """Orders that did not go with their customer."""
        return self.filter(deleted_at=None)

    def by_reference(self, reference: str) -> Self:
        """The order with this id, else with this source id."""
        known = parse_or_none("ord_", reference)
        if known is not None:
            return self.filter(Q(pk=known) | Q(source_id=reference))
        return self.filter(source_id=reference)


class Order(models.Model):
    """An order; money is minor units.

    ``items`` are the lines as the API shows them, each with its ``ordli_`` id.
    ``discount_amount`` is the order-level part, ``items_discount_amount`` the sum
    over the lines. ``amount`` is None when nothing names a value. ``returned_amount``
    is what returned units were paid back with, None while none came back; the order
    stays as it was sold until the last one does. ``deleted_at`` is when its customer
    was deleted: it is gone from the API then, and its ``source_id`` is free.
    """

    id = PrefixedIdField("ord_", primary_key=True, editable=False)
    # No constraint: every checkout would lock this one row to check it. The project
    # comes from the caller's key.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="orders",
        db_constraint=False,
        db_index=False,
    )
    source_id = models.CharField(max_length=512, null=True, blank=True)  # noqa: DJ001 - absent and empty differ
    status = models.CharField(
        max_length=10, choices=OrderStatus.choices, default=OrderStatus.CREATED
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        related_name="orders",
        null=True,
        blank=True,
    )
    referrer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        related_name="referred_orders",
        db_index=False,
        null=True,
        blank=True,
    )
    amount = models.BigIntegerField(null=True, blank=True)
    initial_amount = models.BigIntegerField(null=True, blank=True)
    discount_amount = models.BigIntegerField(default=0)
    items_discount_amount = models.BigIntegerField(default=0)
    returned_amount = models.BigIntegerField(null=True, blank=True)
    items = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source_id"],
                name="order_source_id_is_unique",
                condition=Q(deleted_at=None),
            ),
            models.CheckConstraint(
                name="order_discounts_are_not_negative",
                condition=Q(discount_amount__gte=0, items_discount_amount__gte=0),
            ),
            models.CheckConstraint(
                name="order_discounts_do_not_exceed_amount",
                condition=Q(amount=None)
                | Q(amount__gte=F("discount_amount") + F("items_discount_amount")),
            ),
            models.CheckConstraint(
                name="order_returned_amount_is_not_negative",
                condition=Q(returned_amount=None) | Q(returned_amount__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "created_at"], name="order_by_creation"),
            models.Index(fields=["project", "updated_at"], name="order_by_update"),
            models.Index(
                fields=["referrer"],
                name="order_of_referrer",
                condition=Q(referrer__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.source_id or self.id

    @property
    def has_returns(self) -> bool:
        """Whether units of it came back."""
        return self.returned_amount is not None

    @property
    def total_discount_amount(self) -> int:
        """What the order has been reduced by, order and lines together."""
        return self.discount_amount + self.items_discount_amount

    @property
    def total_amount(self) -> int | None:
        """What is left to pay; None for an order without a value."""
        return None if self.amount is None else self.amount - self.total_discount_amount
