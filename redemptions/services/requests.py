"""What checkout asks for, once its shape has been checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redemptions.engine.sessions import Session


@dataclass(frozen=True, slots=True)
class RedeemableRef:
    """One thing the caller names: a voucher's code, a tier's or a stack's id.

    ``credits`` is what to spend of a gift card, ``points`` of a loyalty card, as sent;
    None for what it takes. ``reward`` is the id of what the points shall buy.
    """

    object: str
    id: str
    credits: Any = field(default=None, compare=False)
    reward: str | None = field(default=None, compare=False)
    points: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutRequest:
    """A validation, redemption or qualification as sent.

    ``customer`` and ``order`` hold only the fields that were sent, in the API's
    names. Amounts are minor units. ``metadata`` is None when not sent. With
    ``all_or_nothing`` a refusal fails the request, whatever the project says.
    """

    redeemables: tuple[RedeemableRef, ...] = ()
    customer: Mapping[str, Any] | None = None
    order: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    session: Session | None = None
    tracking_id: str | None = None
    expand: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)
    all_or_nothing: bool = False


def as_asked(ref: RedeemableRef) -> dict[str, Any]:
    """Return one redeemable as the API would get it."""
    asked: dict[str, Any] = {"object": ref.object, "id": ref.id}
    if ref.credits is not None:
        asked["gift"] = {"credits": ref.credits}
    if ref.reward is not None or ref.points is not None:
        asked["reward"] = {"id": ref.reward, "points": ref.points}
    return asked
