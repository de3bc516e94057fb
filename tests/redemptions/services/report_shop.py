"""A shop in which anything may happen, for the proof that its figures are right."""

import random
from datetime import UTC, datetime, timedelta

from promo.errors import PromoError
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from redemptions.models import Order, Redemption
from redemptions.services.redeem import redeem
from redemptions.services.report_proof import CHECKS
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.returns import return_items
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.services.sold_lines import AskedLine
from tests.redemptions.admin.checkout import coupon

#: Around the night in which the clocks of Europe go back.
START = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
CODES = ("ONE", "TWO", "LAST")


def stocked(project: Project) -> Project:
    """Add codes of campaigns of their own; the last one may be used five times."""
    for code in CODES:
        coupon(project, code, redemption_quantity=5 if code == "LAST" else None)
    return project


def relay(size: int = 500) -> int:
    """Hand out waiting events once."""
    return publish_batch(now=START, size=size)


def relay_all() -> None:
    """Hand out all that waits."""
    while relay():
        pass


def drifts() -> list[str]:
    """Return every figure that is not what its rows come to."""
    return [f"{check.name}: {drift}" for check in CHECKS for drift in check.find()]


class Shop:
    """Does one thing or another, as its dice fall."""

    def __init__(self, project: Project, seed: int) -> None:
        self.project = project
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.now = START

    def step(self) -> None:
        """Redeem, roll back or return something; refusals are part of life."""
        self.now += timedelta(minutes=self.dice.randrange(90))
        does = self.dice.choice(
            [self.redeem, self.redeem, self.redeem, self.roll_back, self.give_back]
        )
        try:
            does()
        except PromoError:
            return

    def redeem(self) -> None:
        """Use one or two codes on one of a few orders."""
        codes = self.dice.sample(CODES, self.dice.choice([1, 1, 2]))
        items = [
            {"source_id": name, "product": {"name": name}, "quantity": 2, "price": 900}
            for name in ("mug", "tea")
        ]
        order = {"source_id": f"o-{self.dice.randrange(8)}", "items": items}
        person = self.dice.choice([None, {"source_id": f"p-{self.dice.randrange(3)}"}])
        request = CheckoutRequest(
            redeemables=tuple(RedeemableRef("voucher", code) for code in codes),
            order=order,
            customer=person,
        )
        redeem(project=self.project, request=request, now=self.now)

    def roll_back(self) -> None:
        """Undo any redemption, a whole stack at once."""
        heads = Redemption.objects.filter(object="redemption", parent=None)
        row = self.dice.choice([*heads.order_by("pk")] or [None])
        if row is not None:
            roll_back_redemption(
                project=self.project,
                reference=row.shown_id,
                request=RollbackRequest(),
                stacked=not row.is_single,
                now=self.now,
            )

    def give_back(self) -> None:
        """Take a mug of any order back."""
        order = self.dice.choice([*Order.objects.order_by("pk")] or [None])
        if order is not None:
            return_items(
                project=self.project,
                order=order.pk,
                lines=[AskedLine(quantity=1, source_id="mug")],
                now=self.now,
            )
