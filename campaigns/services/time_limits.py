"""Time limits as campaigns and vouchers store them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.engine.validity import Validity
from campaigns.engine.validity_parsing import parse_validity
from campaigns.models import Campaign, Voucher
from promo.clock import isoformat
from promo.durations import parse_duration
from promo.errors import InvalidPayload

LIMITS = (
    "start_date",
    "expiration_date",
    "validity_timeframe",
    "validity_day_of_week",
    "validity_hours",
)


def read_limits(
    sent: Mapping[str, Any], current: Campaign | Voucher | None = None
) -> dict[str, Any]:
    """Return the limits among ``sent`` in their stored form.

    Moments may be text or aware datetimes. What is not sent counts as ``current``
    has it when the limits are judged together.

    Raises:
        InvalidPayload: another shape, or limits that do not go together.
    """
    names = [name for name in LIMITS if name in sent]
    if not names:
        return {}
    body = {name: getattr(current, name) for name in LIMITS} if current else {}
    body |= {name: sent[name] for name in names}
    stored = _stored(parse_validity({k: _as_text(v) for k, v in body.items()}))
    return {name: stored[name] for name in names}


def read_duration_after_publishing(sent: Mapping[str, Any]) -> dict[str, str]:
    """Return ``activity_duration_after_publishing`` where it is among ``sent``.

    Raises:
        InvalidPayload: no positive ISO 8601 duration.
    """
    name = "activity_duration_after_publishing"
    if name not in sent:
        return {}
    text = sent[name]
    if text is None or text == "":
        return {name: ""}
    if not isinstance(text, str) or not parse_duration(text):
        raise InvalidPayload(f"Property .{name} must be a positive ISO-8601 duration")
    return {name: text}


def _as_text(value: Any) -> Any:
    return isoformat(value) if isinstance(value, datetime) else value


def _stored(validity: Validity) -> dict[str, Any]:
    daily = [dict(entry) for entry in validity.hours]
    return {
        "start_date": validity.start,
        "expiration_date": validity.expiration,
        "validity_timeframe": validity.timeframe and dict(validity.timeframe),
        "validity_day_of_week": list(validity.days) or None,
        "validity_hours": {"daily": daily} if daily else None,
    }
