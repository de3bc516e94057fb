"""Pieces that campaigns, vouchers and tiers show alike."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns.models import Campaign, PromotionTier, Voucher
from promo.clock import isoformat

LIMITS = ("validity_timeframe", "validity_day_of_week", "validity_hours")


def moment(value: datetime | None) -> str | None:
    """Return a moment as the API writes it."""
    return None if value is None else isoformat(value)


def time_limits(limited: Campaign | PromotionTier | Voucher) -> dict[str, Any]:
    """Return dates and recurring limits; what is unset is None."""
    return {
        "start_date": moment(limited.start_date),
        "expiration_date": moment(limited.expiration_date),
        **{name: getattr(limited, name) for name in LIMITS},
    }


def without_nulls(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what is set: campaigns leave the rest out, vouchers keep it as null."""
    return {name: value for name, value in shown.items() if value is not None}


def as_list(items: Sequence[Any], data_ref: str = "data") -> dict[str, Any]:
    """Return a list inside another object."""
    return {
        "object": "list",
        "data_ref": data_ref,
        data_ref: list(items),
        "total": len(items),
    }
