"""What the list of campaigns can be narrowed by.

Source: campaigns specification, "Campaign endpoints".
"""

from datetime import datetime

from django.db.models import Q

from campaigns.api.columns import IsColumn, KeyColumn, WeekdaysColumn
from campaigns.models import CampaignType, PoolType, WorkStatus
from campaigns.models.campaign import CAMPAIGN_PREFIX
from promo.api.columns import (
    Column,
    IdColumn,
    MetadataColumn,
    MomentColumn,
    StateColumn,
    TextColumn,
)
from promo.api.filters import QueryFilters
from promo.filter_grammar import Condition

_BUSY = Q(vouchers_generation_status__in=[WorkStatus.IN_PROGRESS, WorkStatus.MODIFYING])
_FAILED = Q(vouchers_generation_status=WorkStatus.FAILED)


def _enabled(_: datetime) -> Q:
    return Q(active=True)


def _disabled(_: datetime) -> Q:
    return Q(active=False)


def _before_start(now: datetime) -> Q:
    return Q(active=True, start_date__isnull=False, start_date__gt=now)


def _expired(now: datetime) -> Q:
    return Q(active=True, expiration_date__isnull=False, expiration_date__lt=now)


def _in_progress(_: datetime) -> Q:
    return _BUSY


def _failed(_: datetime) -> Q:
    return _FAILED


def _active(now: datetime) -> Q:
    """Enabled, within its dates, its codes made."""
    started = Q(start_date=None) | Q(start_date__lte=now)
    lasts = Q(expiration_date=None) | Q(expiration_date__gte=now)
    return Q(active=True) & started & lasts & ~_BUSY & ~_FAILED


_STATES = {
    "$active": _active,
    "$failed": _failed,
    "$in_progress": _in_progress,
    "$expired": _expired,
    "$before_start": _before_start,
    "$disabled": _disabled,
}


class PoolColumn(TextColumn):
    """The type of the pool; ``BULK`` is every type with many codes."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        values = [
            kind
            for value in condition.values
            for kind in (
                (PoolType.STATIC, PoolType.AUTO_UPDATE) if value == "BULK" else (value,)
            )
        ]
        operator = "$in" if condition.operator == "$is" else condition.operator
        return super().matches(Condition(operator, tuple(values)), name, path, now)


_MOMENTS = {
    "created_at": MomentColumn("created_at"),
    "created_date": MomentColumn("created_at"),
    "updated_at": MomentColumn("updated_at"),
    "updated_date": MomentColumn("updated_at"),
    "start_date": MomentColumn("start_date"),
    "expiration_date": MomentColumn("expiration_date"),
}
_COLUMNS: dict[str, Column] = {
    "campaigns": TextColumn("name"),
    "name": TextColumn("name"),
    "campaigns_id": IdColumn("pk", CAMPAIGN_PREFIX),
    "campaign_type": TextColumn("campaign_type"),
    "campaign_status": TextColumn("creation_status"),
    "status": StateColumn(_STATES),
    "active": StateColumn(
        {
            "$enabled": _enabled,
            "$disabled": _disabled,
            "$expired": _expired,
            "$active": _active,
        }
    ),
    "is_referral_code": IsColumn("campaign_type", CampaignType.REFERRAL_PROGRAM),
    "validity_timeframe": KeyColumn("validity_timeframe", key="duration"),
    "validity_day_of_week": WeekdaysColumn("validity_day_of_week"),
    "voucher_type": KeyColumn("voucher", key="type"),
    "categories": TextColumn("category__name"),
    "category_ids": IdColumn("category_id", "cat_"),
    "type": PoolColumn("type"),
    "metadata.*": MetadataColumn(),
    **_MOMENTS,
}

FILTERS = QueryFilters(
    columns=_COLUMNS,
    shortcuts={
        "campaign_type": _COLUMNS["campaign_type"],
        "campaign_status": _COLUMNS["campaign_status"],
        "is_referral_code": _COLUMNS["is_referral_code"],
    },
)
