"""Moving the dates of a draft, whole days at a time."""

from datetime import date, datetime, timedelta
from typing import Any

from campaigns.models import CampaignDraft
from campaigns.services.campaign_draft import save_draft
from promo.errors import InvalidPayload

_DATES = ("start_date_0", "expiration_date_0")
_FARTHEST = 3_660


def move_draft(draft: CampaignDraft, *, days: int, now: datetime) -> None:
    """Let a draft start and end ``days`` later, earlier if negative; hours stay.

    Raises:
        InvalidPayload: it has no dates, or would leave the calendar.
        ResourceNotFound: it has been published or deleted meanwhile.
    """
    fields: dict[str, Any] = dict(draft.payload.get("fields") or {})
    moved = False
    for name in _DATES:
        typed = str((fields.get(name) or [""])[0])
        if typed:
            fields[name] = [_moved(typed, days)]
            moved = True
    if not moved:
        raise InvalidPayload("The draft has no dates yet")
    payload = draft.payload | {"fields": fields}
    save_draft(draft, name=draft.name, step=draft.step, payload=payload, now=now)


def _moved(typed: str, days: int) -> str:
    try:
        if abs(days) > _FARTHEST:
            raise OverflowError
        return (date.fromisoformat(typed) + timedelta(days)).isoformat()
    except (OverflowError, ValueError) as wrong:
        raise InvalidPayload("There is no such day in the calendar") from wrong
