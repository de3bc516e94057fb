"""The organisation and its projects."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from promo.calendar_windows import Calendar
from promo.ids import PrefixedIdField
from promo.tenancy.stacking import DEFAULTS


class Organisation(models.Model):
    """A team: it owns projects, people and management keys."""

    id = PrefixedIdField("org_", primary_key=True, editable=False)
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """An isolated workspace: everything else belongs to one.

    ``stacking_rules`` holds what differs from the defaults; its id and dates
    are set while the project has rules of its own. ``metadata_schemas_edition``
    is another text after every change of its metadata schemas, empty without any.
    ``gift_adjustment_limit``, minor units, and ``points_adjustment_limit`` are what one
    person moves alone at the dashboard; None is no limit. An entry of
    ``client_trusted_domains`` is a host, an origin, ``*.example.com`` or ``*``.
    """

    id = PrefixedIdField("proj_", primary_key=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="projects"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    currency = models.CharField(max_length=3, default="USD")
    timezone = models.CharField(max_length=64, default="UTC")
    week_starts_on = models.PositiveSmallIntegerField(
        choices=[(1, "Monday"), (6, "Saturday"), (0, "Sunday")], default=1
    )
    dial_code = models.CharField(max_length=8, blank=True, default="")
    case_sensitive_codes = models.BooleanField(default=True)
    default_code_charset = models.CharField(max_length=255, blank=True, default="")
    is_sandbox = models.BooleanField(default=False)
    stacking_rules = models.JSONField(default=dict, blank=True)
    stacking_rules_id = models.CharField(
        max_length=36, blank=True, default="", editable=False
    )
    stacking_rules_created_at = models.DateTimeField(
        null=True, blank=True, editable=False
    )
    stacking_rules_updated_at = models.DateTimeField(
        null=True, blank=True, editable=False
    )
    metadata_schemas_edition = models.CharField(
        max_length=16, blank=True, default="", editable=False
    )
    demands_second_factor = models.BooleanField(
        "Two-factor sign-in for everybody",
        default=False,
        help_text="Who has none yet is asked to switch it on before going on.",
    )
    qualification_checks_order_amount = models.BooleanField(default=False)
    gift_adjustment_limit = models.PositiveBigIntegerField(null=True, blank=True)
    points_adjustment_limit = models.PositiveBigIntegerField(
        "Points by hand without approval",
        null=True,
        blank=True,
        help_text="The same for the points of a loyalty card.",
    )
    client_trusted_domains = models.JSONField(default=list, blank=True)
    client_redeem_enabled = models.BooleanField(default=False)
    client_publish_enabled = models.BooleanField(default=False)
    client_list_vouchers_enabled = models.BooleanField(default=False)
    client_create_customer_enabled = models.BooleanField(default=False)
    client_loyalty_events_enabled = models.BooleanField(default=False)
    client_set_voucher_expiration_date_enabled = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The project's time zone: wall-clock limits are read in it."""
        return ZoneInfo(self.timezone)

    def calendar(self, now: datetime) -> Calendar:
        """Return ``now`` on the project's clock, with its week."""
        return Calendar(now, self.zone, self.week_starts_on)

    @property
    def limits_adjustments(self) -> bool:
        """Whether some changes of balances by hand need a second person."""
        limits = (self.gift_adjustment_limit, self.points_adjustment_limit)
        return any(limit is not None for limit in limits)

    @property
    def stacking(self) -> dict[str, Any]:
        """All stacking settings, defaults filled in."""
        return {**DEFAULTS, **self.stacking_rules}
