"""Vouchers: codes that somebody can redeem."""

from collections.abc import Collection
from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, When

from campaigns.models.campaign import Campaign
from campaigns.models.catalogue import Category
from customers.models import Customer
from promo.ids import PrefixedIdField, parse_or_none
from promo.jobs.models import AsyncAction
from promo.tenancy.models import Project

VOUCHER_PREFIX = "v_"
MAX_CODE_LENGTH = 255


class VoucherType(models.TextChoices):
    """What a code is worth."""

    DISCOUNT_VOUCHER = "DISCOUNT_VOUCHER"
    GIFT_VOUCHER = "GIFT_VOUCHER"
    LOYALTY_CARD = "LOYALTY_CARD"


def code_key(project: Project, code: str) -> str:
    """Return what codes of ``project`` are compared by: the code or its capitals."""
    return code if project.case_sensitive_codes else code.upper()


def has_code(codes: Collection[str]) -> Q:
    """Return the condition that a voucher has one of ``codes``.

    A queryset may span projects of both kinds; the keys alone let the index find
    the few candidates, the rest decides between them.
    """
    exact, capitals = set(codes), {code.upper() for code in codes}
    if exact == capitals:
        return Q(code_key__in=exact)
    return Q(code_key__in=exact | capitals) & (
        Q(project__case_sensitive_codes=True, code_key__in=exact)
        | Q(project__case_sensitive_codes=False, code_key__in=capitals)
    )


class VoucherQuerySet(models.QuerySet["Voucher"]):
    """Vouchers, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Vouchers that are not in the bin, by themselves or with their campaign.

        To lock them, say ``of=("self",)``: this joins the campaign.
        """
        return self.filter(deleted_at=None, campaign__deleted_at=None)

    def alive_in(self, project: Project) -> Self:
        """The same of one project, for pages of its millions.

        The few campaigns in its bin are read first: a condition on the joined campaign
        is taken for a rare one, and an index would be left for reading the whole table.
        """
        binned = project.campaigns.exclude(deleted_at=None).values_list("pk", flat=True)
        alive = self.filter(project=project, deleted_at=None)
        return alive.exclude(campaign__in=list(binned))

    def untouched(self) -> Self:
        """Vouchers that are neither published nor redeemed."""
        return self.filter(publications_count=0, redeemed_quantity=0)

    def by_codes(self, codes: Collection[str]) -> Self:
        """The living vouchers with one of ``codes``, as the project compares them."""
        return self.alive().filter(has_code(codes))

    def starting_with(self, project: Project, text: str) -> Self:
        """The living vouchers whose code starts with ``text`` or its capitals."""
        typed = Q(code_key__startswith=code_key(project, text))
        return self.alive().filter(typed | Q(code_key__startswith=text.upper()))

    def by_reference(self, reference: str) -> Self:
        """The living voucher behind an id or a code; first the one with the id."""
        named = has_code([reference])
        if parse_or_none(VOUCHER_PREFIX, reference) is None:
            return self.alive().filter(named)
        id_first = Case(When(pk=reference, then=0), default=1)
        return self.alive().filter(Q(pk=reference) | named).order_by(id_first)


VoucherManager = models.Manager.from_queryset(VoucherQuerySet)


class Voucher(models.Model):
    """A code, what it gives, and how often it has been used.

    ``code`` is kept as typed; ``code_key`` is what it is compared by and is unique in
    the project, the bin included. ``redemption_quantity`` None means unlimited. The
    balance of a card is kept in minor units of credit (gift) or in points (loyalty):
    what it got, ``credited_amount``, less what expired, was subtracted and was
    redeemed; ``initial_balance`` is what it started with, which no ledger entry tells.
    ``initial_redeemed_quantity`` and ``initial_redeemed_amount`` are what another
    system had redeemed of an imported code, which no redemption tells.
    ``held_quantity`` and ``held_amount`` are what validation sessions hold of uses and
    balance, expired ones included until they are swept. Fields named in ``own_fields``
    were given for this code and do not follow its campaign. ``publications_count``
    counts successful publications. ``async_action`` is the work that made the code.
    Erased (``erased_at``) the row stays for its redemptions alone; its key is its id
    then, so that the code is free.

    Source: campaigns specification, "Voucher object".
    """

    id = PrefixedIdField(VOUCHER_PREFIX, primary_key=True, editable=False)
    # Both the codes and the newest-first list are indexed by project already. A
    # constraint would cost every code of a million more than its rarest index.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="vouchers",
        db_index=False,
        db_constraint=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="vouchers",
        db_index=False,
        db_constraint=False,
    )
    code = models.CharField(max_length=MAX_CODE_LENGTH)
    # By code points, whatever the database's language: so its one index also finds
    # the start of a code, and has them in order.
    code_key = models.CharField(
        max_length=2 * MAX_CODE_LENGTH, editable=False, db_collation="C"
    )
    type = models.CharField(
        max_length=20, choices=VoucherType.choices, default=VoucherType.DISCOUNT_VOUCHER
    )
    discount = models.JSONField(null=True, blank=True)
    category = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="vouchers",
        db_index=False,
    )
    start_date = models.DateTimeField(null=True, blank=True)
    expiration_date = models.DateTimeField(null=True, blank=True)
    validity_timeframe = models.JSONField(null=True, blank=True)
    validity_day_of_week = models.JSONField(null=True, blank=True)
    validity_hours = models.JSONField(null=True, blank=True)
    active = models.BooleanField(default=True)
    additional_info = models.TextField(null=True, blank=True)  # noqa: DJ001 - wire null
    metadata = models.JSONField(default=dict, blank=True)
    own_fields = models.JSONField(default=list, blank=True, editable=False)
    redemption_quantity = models.PositiveIntegerField(null=True, blank=True)
    redeemed_quantity = models.IntegerField(default=0, editable=False)
    gift_effect = models.CharField(max_length=20, blank=True, default="")
    initial_balance = models.BigIntegerField(default=0, editable=False)
    credited_amount = models.BigIntegerField(default=0, editable=False)
    expired_amount = models.BigIntegerField(default=0, editable=False)
    subtracted_amount = models.BigIntegerField(default=0, editable=False)
    redeemed_amount = models.BigIntegerField(default=0, editable=False)
    initial_redeemed_quantity = models.IntegerField(default=0, editable=False)
    initial_redeemed_amount = models.BigIntegerField(default=0, editable=False)
    held_quantity = models.BigIntegerField(default=0, editable=False)
    held_amount = models.BigIntegerField(default=0, editable=False)
    balance = models.GeneratedField(
        expression=F("credited_amount")
        - F("expired_amount")
        - F("subtracted_amount")
        - F("redeemed_amount"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    publications_count = models.PositiveIntegerField(default=0, editable=False)
    holder = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="vouchers",
        db_index=False,
    )
    is_referral_code = models.BooleanField(default=False)
    async_action = models.ForeignKey(
        AsyncAction,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="vouchers",
        editable=False,
        db_constraint=False,
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VoucherManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code_key"], name="voucher_code_key"
            ),
            models.CheckConstraint(
                condition=Q(redeemed_quantity__gte=0)
                & (
                    Q(redemption_quantity=None)
                    | Q(redeemed_quantity__lte=F("redemption_quantity"))
                ),
                name="voucher_redeemed_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(
                    initial_balance__gte=0,
                    expired_amount__gte=0,
                    subtracted_amount__gte=0,
                    redeemed_amount__gte=0,
                    held_quantity__gte=0,
                    held_amount__gte=0,
                ),
                name="voucher_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=0), name="voucher_balance_is_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "-created_at", "-id"], name="voucher_created"
            ),
            # In id order, for work that goes through a campaign in portions.
            models.Index(fields=["campaign", "id"], name="voucher_of_campaign"),
            # The oldest code that can still be given to somebody.
            models.Index(
                fields=["campaign", "created_at", "id"],
                name="voucher_free",
                condition=Q(holder=None, publications_count=0),
            ),
            models.Index(
                fields=["holder"],
                name="voucher_of_holder",
                condition=Q(holder__isnull=False),
            ),
            models.Index(
                fields=["category"],
                name="voucher_of_category",
                condition=Q(category__isnull=False),
            ),
            # Codes of a state that few are in: over, not begun, switched off.
            models.Index(
                fields=["project", "expiration_date"],
                name="voucher_ending",
                condition=Q(expiration_date__isnull=False),
            ),
            models.Index(
                fields=["project", "start_date"],
                name="voucher_starting",
                condition=Q(start_date__isnull=False),
            ),
            models.Index(
                fields=["project", "-created_at"],
                name="voucher_switched_off",
                condition=Q(active=False),
            ),
            # Cards among millions of codes.
            models.Index(
                fields=["project", "type", "-created_at", "-id"],
                name="voucher_card_newest",
                condition=Q(type__in=["GIFT_VOUCHER", "LOYALTY_CARD"]),
            ),
            # What imported codes had been used before.
            models.Index(
                fields=["campaign", "initial_redeemed_quantity"],
                name="voucher_used_before",
                condition=Q(initial_redeemed_quantity__gt=0),
            ),
            GinIndex(
                fields=["metadata"],
                name="voucher_metadata",
                opclasses=["jsonb_path_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.code
