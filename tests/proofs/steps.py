"""What a client does at its turn: redeem something, or think better of it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from promo.errors import PromoError
from redemptions.engine.sessions import Session
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.services.sessions import release_session
from redemptions.services.validate import validate
from tests.proofs.scenes import AMOUNT, DISCOUNT, HOLDERS, POINTS, Scene

Step = Callable[[Scene, int, random.Random], None]
Wish = Callable[[Scene, int], CheckoutRequest]

_TEAS = {"items": [{"source_id": "tea", "quantity": 3}]}


class HeldInVain(PromoError):
    """What a session holds was given to somebody else."""

    key = "held_in_vain"
    message = "somebody took what a session held"


def for_one_code(scene: Scene, turn: int) -> CheckoutRequest:
    """Ask for the next code as the next customer."""
    return _request([RedeemableRef("voucher", _thing(scene, turn))], turn)


def for_one_card(scene: Scene, turn: int) -> CheckoutRequest:
    """Ask to pay with the next card."""
    card = RedeemableRef("voucher", _thing(scene, turn), credits=DISCOUNT)
    return _request([card], turn)


def for_one_coin(scene: Scene, turn: int) -> CheckoutRequest:
    """Ask to pay with points of the next card, as its holder."""
    return _of_points(scene, turn, POINTS)


def for_one_mug(scene: Scene, turn: int) -> CheckoutRequest:
    """Ask for a mug for points of the next card, as its holder."""
    return _of_points(scene, turn, None)


def for_three_teas(scene: Scene, turn: int) -> CheckoutRequest:
    """Ask for three teas with the next code."""
    code = RedeemableRef("voucher", _thing(scene, turn))
    return _request([code], turn, order=_TEAS)


def for_three_teas_on_offer(scene: Scene, turn: int) -> CheckoutRequest:
    """Ask for three teas with the promotion tier."""
    tier = RedeemableRef("promotion_tier", _thing(scene, turn))
    return _request([tier], turn, order=_TEAS)


def just(wish: Wish) -> Step:
    """Redeem what ``wish`` asks for."""

    def step(scene: Scene, turn: int, _: random.Random) -> None:
        _redeem(scene, wish(scene, turn))

    return step


def or_none(wish: Wish) -> Step:
    """Redeem what ``wish`` asks for, and sometimes think better of it."""

    def step(scene: Scene, turn: int, chance: random.Random) -> None:
        row = _redeem(scene, wish(scene, turn))
        if chance.random() < 0.3:
            roll_back_redemption(
                project=scene.project,
                reference=row,
                request=RollbackRequest(),
                stacked=False,
                now=scene.now,
            )

    return step


def in_a_session(wish: Wish) -> Step:
    """Lock what ``wish`` asks for; then redeem it, release it or leave it locked."""

    def step(scene: Scene, turn: int, chance: random.Random) -> None:
        session = Session(key=uuid4().hex, opens=True)
        request = replace(wish(scene, turn), session=session)
        found = validate(project=scene.project, request=request, now=scene.now)
        found.decision.raise_if_rejected()
        fate = chance.random()
        if fate < 0.2:
            return
        if fate < 0.4:
            [voucher] = found.loaded.found.vouchers.values()
            release_session(voucher, key=session.key, now=scene.now)
            return
        _redeem_held(scene, request)

    return step


def _redeem_held(scene: Scene, request: CheckoutRequest) -> None:
    try:
        _redeem(scene, request)
    except PromoError as refused:
        raise HeldInVain from refused


def two_codes(scene: Scene, turn: int, chance: random.Random) -> None:
    """Redeem two codes, in any order."""
    codes = [_thing(scene, turn), _thing(scene, turn + 1)]
    chance.shuffle(codes)
    _redeem(scene, _request([RedeemableRef("voucher", code) for code in codes], turn))


def _thing(scene: Scene, turn: int) -> str:
    return scene.things[turn % len(scene.things)]


def _of_points(scene: Scene, turn: int, points: int | None) -> CheckoutRequest:
    code = _thing(scene, turn)
    card = RedeemableRef("voucher", code, points=points, reward=scene.reward)
    return _request([card], turn, customer=HOLDERS[code])


def _request(
    refs: list[RedeemableRef],
    turn: int,
    *,
    customer: str | None = None,
    order: Mapping[str, Any] | None = None,
) -> CheckoutRequest:
    return CheckoutRequest(
        redeemables=tuple(refs),
        customer={"source_id": customer or f"customer-{turn % 4}"},
        order=order or {"amount": AMOUNT},
    )


def _redeem(scene: Scene, request: CheckoutRequest) -> str:
    recorded = redeem(project=scene.project, request=request, now=scene.now)
    return recorded.rows[0].shown_id
