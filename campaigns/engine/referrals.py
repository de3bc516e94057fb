"""Reading what a referral programme says: what counts as a referral.

Source: campaigns specification, "Referral programs".
"""

from collections.abc import Mapping
from typing import Any

from campaigns.engine.numbers import choice
from promo.errors import BadRequest, InvalidPayload

REDEMPTION = "redemption"
CUSTOM_EVENT = "custom_event"
_PATH = ".referral_program"


def parse_referral_program(sent: Any) -> dict[str, Any]:
    """Return the programme as sent: what a referral is, if not told a redemption.

    A custom event has ``id`` or ``name``, or both; whoever stores it looks it up.

    Raises:
        InvalidPayload: a field of another shape, or no event is named.
        BadRequest: ``invalid_campaign``; it rewards referees, which this version
            cannot.
    """
    if sent is None:
        return {"conversion_event_type": REDEMPTION}
    if not isinstance(sent, Mapping):
        raise InvalidPayload(f"Property {_PATH} must be object")
    name = f"{_PATH}.conversion_event_type"
    kinds = (REDEMPTION, CUSTOM_EVENT)
    kind = choice(sent.get("conversion_event_type"), name, kinds) or REDEMPTION
    if sent.get("referee_reward") is not None:
        raise _unsupported("Rewards of referees")
    if kind == REDEMPTION:
        return {"conversion_event_type": kind}
    event = _event(sent.get("custom_event"))
    return {"conversion_event_type": kind, "custom_event": event}


def _event(sent: Any) -> dict[str, str]:
    """Return the ``id`` and ``name`` that name a custom event, those that are sent."""
    path = f"{_PATH}.custom_event"
    if sent is None:
        details = f"Property {_PATH} should have required property 'custom_event'"
        raise InvalidPayload(details)
    if not isinstance(sent, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    named = {part: sent[part] for part in ("id", "name") if sent.get(part)}
    for part, value in named.items():
        if not isinstance(value, str):
            raise InvalidPayload(f"Property {path}.{part} must be string")
    if not named:
        raise InvalidPayload(f"Property {path} should have required property 'id'")
    return named


def counts_event(program: Mapping[str, Any] | None, event_id: str) -> bool:
    """Say whether a custom event is what a programme counts as a referral."""
    named = (program or {}).get("custom_event") or {}
    return named.get("id") == event_id


def _unsupported(what: str) -> BadRequest:
    details = f"{what} are not supported by this version"
    return BadRequest("invalid_campaign", "Invalid Campaign", details)
