"""Reading what a referral programme says: what counts as a referral.

Source: campaigns specification, "Referral programs".
"""

from collections.abc import Mapping
from typing import Any

from campaigns.engine.numbers import choice
from promo.errors import BadRequest, InvalidPayload

REDEMPTION = "redemption"
CUSTOM_EVENT = "custom_event"


def parse_referral_program(sent: Any) -> dict[str, Any]:
    """Return the programme as stored; a referral is the referee's redemption.

    Raises:
        InvalidPayload: a field of another shape.
        BadRequest: ``invalid_campaign``; it counts custom events or rewards referees,
            which this version cannot.
    """
    if sent is None:
        return {"conversion_event_type": REDEMPTION}
    path = ".referral_program"
    if not isinstance(sent, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    name = f"{path}.conversion_event_type"
    kinds = (REDEMPTION, CUSTOM_EVENT)
    kind = choice(sent.get("conversion_event_type"), name, kinds) or REDEMPTION
    if kind == CUSTOM_EVENT:
        raise _unsupported("Referrals by custom event")
    if sent.get("referee_reward") is not None:
        raise _unsupported("Rewards of referees")
    return {"conversion_event_type": kind}


def _unsupported(what: str) -> BadRequest:
    details = f"{what} are not supported by this version"
    return BadRequest("invalid_campaign", "Invalid Campaign", details)
