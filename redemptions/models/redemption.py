"""Redemptions and rollbacks, succeeded and failed, in one append-mostly table."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timezone import localtime

from campaigns.models import Campaign, PromotionTier, Voucher
from customers.models import Customer
from promo import ids
from promo.tenancy.models import Project
from redemptions.models.order import Order


class Kind(models.TextChoices):
    """What a row records."""

    REDEMPTION = "redemption"
    ROLLBACK = "redemption_rollback"


class Result(models.TextChoices):
    """How the attempt ended."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class Status(models.TextChoices):
    """Where the row stands now: a succeeded redemption may be rolled back."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ROLLED_BACK = "ROLLED_BACK"


PREFIXES = {
    (Kind.REDEMPTION, Result.SUCCESS): "r_",
    (Kind.REDEMPTION, Result.FAILURE): "rf_",
    (Kind.ROLLBACK, Result.SUCCESS): "rr_",
    (Kind.ROLLBACK, Result.FAILURE): "rrf_",
}


_IN_WORDS: dict[tuple[str, str], str] = {
    (Kind.REDEMPTION, Status.SUCCEEDED): "Redemption",
    (Kind.REDEMPTION, Status.FAILED): "Refused redemption",
    (Kind.REDEMPTION, Status.ROLLED_BACK): "Rolled-back redemption",
    (Kind.ROLLBACK, Status.SUCCEEDED): "Rollback",
    (Kind.ROLLBACK, Status.FAILED): "Failed rollback",
}

#: Single redemptions that succeeded and count: parents repeat their parts, what is
#: rolled back is gone.
STANDING = Q(object=Kind.REDEMPTION, status=Status.SUCCEEDED) & (
    Q(voucher__isnull=False) | Q(promotion_tier__isnull=False)
)


def _at_most(part: str, whole: str) -> Q:
    return Q(**{part: 0}) | Q(**{f"{part}__gt": 0, f"{part}__lte": F(whole)})


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    """Ways to find redemptions."""

    def by_reference(self, reference: str) -> Self:
        """The row with this shown id; its prefix must fit the row."""
        for (kind, result), prefix in PREFIXES.items():
            found = ids.parse_or_none(prefix, reference)
            if found is not None:
                return self.filter(pk=found, object=kind, result=result)
        return self.none()

    def redemptions(self) -> Self:
        """Redemptions without rollbacks."""
        return self.filter(object=Kind.REDEMPTION)

    def succeeded(self) -> Self:
        """What succeeded, rolled back since or not."""
        return self.filter(result=Result.SUCCESS)

    def standing(self) -> Self:
        """Single redemptions that succeeded and count: no parents, none undone."""
        return self.filter(STANDING)

    def with_related(self) -> Self:
        """Everything that showing a row needs, in one statement."""
        return self.select_related(
            "customer",
            "order",
            "voucher__campaign",
            "voucher__category",
            "promotion_tier__campaign",
            "promotion_tier__category",
        )


class Redemption(models.Model):
    """One attempt to use a redeemable, or to undo that.

    A parent groups the redemptions of one request (``related_object_type``
    ``redemption``, no voucher and no tier). ``original`` is what a rollback undoes.
    ``applied_amount`` is the discount this row gave in minor units, negative for a
    rollback; ``card_amount`` is what it took of a card, None without one,
    and ``reward`` what points bought, as the API shows it. ``returned_*`` are the parts
    that returns of single units have taken back while the redemption stands: of the
    discount, of the order's value counted with it, of what a card paid.
    ``order_state`` is the order as answered then. ``trace`` explains the
    decision. ``claims`` is what it counts towards, by subject and bucket: counters
    are the sums of these, and a rollback takes exactly these off again.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    # No constraint: every checkout would lock the one row to check it. The project is
    # that of the caller's key, the campaign that of the voucher or tier.
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="redemptions",
        db_constraint=False,
        db_index=False,
    )
    object = models.CharField(max_length=24, choices=Kind.choices)
    result = models.CharField(max_length=8, choices=Result.choices)
    status = models.CharField(max_length=12, choices=Status.choices)
    created_at = models.DateTimeField()
    customer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        related_name="redemptions",
        null=True,
        blank=True,
        db_index=False,
    )
    tracking_id = models.CharField(max_length=1024, blank=True, default="")
    metadata = models.JSONField(null=True, blank=True)
    related_object_type = models.CharField(max_length=24, blank=True, default="")
    related_object_id = models.CharField(max_length=512, blank=True, default="")
    voucher = models.ForeignKey(
        Voucher,
        on_delete=models.PROTECT,
        related_name="redemptions",
        null=True,
        blank=True,
        db_index=False,
    )
    voucher_code = models.CharField(max_length=512, blank=True, default="")
    promotion_tier = models.ForeignKey(
        PromotionTier,
        on_delete=models.PROTECT,
        related_name="redemptions",
        null=True,
        blank=True,
        db_index=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        related_name="redemptions",
        db_constraint=False,
        null=True,
        blank=True,
        db_index=False,
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
        db_index=False,
    )
    original = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="rollbacks",
        null=True,
        blank=True,
        db_index=False,
    )
    order = models.ForeignKey(
        Order,
        on_delete=models.SET_NULL,
        related_name="redemptions",
        null=True,
        blank=True,
    )
    order_state = models.JSONField(null=True, blank=True)
    applied_amount = models.BigIntegerField(default=0)
    card_amount = models.BigIntegerField(null=True, blank=True)
    returned_amount = models.BigIntegerField(default=0)
    returned_order_amount = models.BigIntegerField(default=0)
    returned_card_amount = models.BigIntegerField(default=0)
    reward = models.JSONField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    failure_code = models.CharField(max_length=100, blank=True, default="")
    failure_message = models.TextField(blank=True, default="")
    session_key = models.CharField(max_length=255, blank=True, default="")
    channel_type = models.CharField(max_length=12, default="API")
    channel_id = models.CharField(max_length=255, blank=True, default="")
    rollback_order_mode = models.CharField(max_length=16, blank=True, default="")
    claims = models.JSONField(default=dict, blank=True)
    trace = models.JSONField(default=dict, blank=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            # Two rollbacks at once cannot both succeed.
            models.UniqueConstraint(
                fields=["original"],
                name="redemption_rolled_back_once",
                condition=Q(object="redemption_rollback", result="SUCCESS"),
            ),
            models.CheckConstraint(
                name="redemption_returned_at_most_whole",
                condition=_at_most("returned_amount", "applied_amount")
                & _at_most("returned_card_amount", "card_amount")
                & Q(returned_order_amount__gte=0),
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "-created_at", "-id"], name="redemption_newest"
            ),
            models.Index(
                fields=["campaign", "-created_at"],
                name="redemption_of_campaign",
            ),
            # Counters are summed up from these, those of a window from its first day.
            models.Index(
                fields=["voucher", "created_at"], name="redemption_of_voucher"
            ),
            models.Index(
                fields=["promotion_tier", "created_at"],
                name="redemption_of_tier",
                condition=Q(promotion_tier__isnull=False),
            ),
            models.Index(
                fields=["customer", "created_at"], name="redemption_of_customer"
            ),
            models.Index(fields=["customer", "campaign"], name="customer_in_campaign"),
            models.Index(
                F("customer"),
                Coalesce("voucher", "promotion_tier"),
                name="customer_with_incentive",
            ),
            # What most redemptions lack costs them nothing.
            models.Index(
                fields=["parent"],
                name="redemption_of_parent",
                condition=Q(parent__isnull=False),
            ),
            models.Index(
                fields=["original"],
                name="rollback_of_original",
                condition=Q(original__isnull=False),
            ),
            # Pages of the log by an outcome that few rows have: what succeeded and
            # stands has no entry here.
            models.Index(
                fields=["project", "object", "-created_at", "-id"],
                name="redemption_refused",
                condition=Q(result="FAILURE"),
            ),
            models.Index(
                fields=["project", "failure_code", "-created_at", "-id"],
                name="redemption_by_reason",
                condition=Q(result="FAILURE"),
            ),
            models.Index(
                fields=["project", "-created_at", "-id"],
                name="redemption_rolled_back",
                condition=Q(status="ROLLED_BACK"),
            ),
            models.Index(
                fields=["project", "-created_at", "-id"],
                name="rollback_newest",
                condition=Q(object="redemption_rollback"),
            ),
            # Of somebody who was not stored, until the person is to be forgotten.
            models.Index(
                fields=["project", "tracking_id"],
                name="redemption_of_nobody",
                condition=Q(customer=None, tracking_id__gt=""),
            ),
        ]

    def __str__(self) -> str:
        """Say it in words: how it ended, of what, and when by the clock at work."""
        how = _IN_WORDS.get((self.object, self.status), "Redemption")
        at = date_format(localtime(self.created_at), "j M Y, H:i")
        return ", ".join((" of ".join(filter(None, (how, self._of_what))), at))

    @property
    def _of_what(self) -> str:
        if self.voucher_code:
            return self.voucher_code
        # What was not read with the row is not read for its title.
        if "promotion_tier" in self._state.fields_cache and self.promotion_tier:
            return str(self.promotion_tier)
        if self.promotion_tier_id:
            return "a promotion"
        return "" if self.is_single else "several offers"

    @property
    def shown_id(self) -> str:
        """The id as the API shows it; its prefix says kind and result."""
        kind, result = Kind(self.object), Result(self.result)
        return ids.show(PREFIXES[kind, result], self.pk)

    @property
    def is_single(self) -> bool:
        """Whether it is about one thing; a parent only holds several together."""
        return self.related_object_type != "redemption"

    @property
    def left_amount(self) -> int:
        """The discount that stands: what it gave but for what returns took back."""
        return self.applied_amount - self.returned_amount

    @property
    def left_card_amount(self) -> int:
        """What its card has not got back of what it took."""
        return (self.card_amount or 0) - self.returned_card_amount

    @property
    def left_order_amount(self) -> int:
        """What it still counts of the order's value."""
        counted = int((self.order_state or {}).get("amount") or 0)
        return counted - self.returned_order_amount
