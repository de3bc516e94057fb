"""What the engine answers: one entry per redeemable, the order after all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from campaigns.engine.discounts import Discount, Effect
from promo.errors import Forbidden, PromoError, Rejected, ResourceNotFound
from redemptions.engine.bundles import BundleCount
from redemptions.engine.claims import Claim, merged
from redemptions.engine.counters import CounterKey
from redemptions.engine.dynamic import Worked
from redemptions.engine.facts import Facts, Redeemable, UnitFacts
from redemptions.engine.order import NOTHING, OrderState, Taken
from redemptions.engine.refusals import HTTP_FORBIDDEN, HTTP_NOT_FOUND, Refusal, Skip


class Status(StrEnum):
    """What became of a redeemable."""

    APPLICABLE = "APPLICABLE"
    INAPPLICABLE = "INAPPLICABLE"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class AppliedUnit:
    """So many units of one thing that a UNIT discount gives.

    ``unit_type`` is the id as stored, ``found`` what the catalogue has under it.
    """

    unit_type: str
    effect: Effect
    unit_off: int
    found: UnitFacts


@dataclass(frozen=True, slots=True)
class AppliedDiscount:
    """A discount as calculated: its definition, the effect used, the value.

    ``value`` is minor units, or the percentage of a PERCENT discount; None when the
    rule's entries name the prices. A UNIT discount has ``units`` instead, in the
    order in which they are given. ``by_line`` are values that formulas gave for
    single lines, ``prices`` the new unit prices that entries' formulas gave them,
    both by position; ``worked`` says what each formula came to.
    """

    definition: Discount
    effect: Effect
    value: int | Decimal | None
    is_dynamic: bool = False
    units: tuple[AppliedUnit, ...] = ()
    by_line: Mapping[int, int | Decimal] = field(default_factory=dict)
    prices: Mapping[int, int] = field(default_factory=dict)
    worked: tuple[Worked, ...] = ()

    def value_on(self, position: int) -> int | Decimal | None:
        """Return the value that counts on the line at ``position``."""
        return self.by_line.get(position, self.value)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a card pays with: credits in minor units, or points.

    ``available`` is what could have been spent, ``locked`` what sessions of others
    keep from it.
    """

    amount: int
    available: int
    locked: int = 0
    of_points: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One check of the trace: what was looked at and how it came out."""

    check: str
    passed: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


WireEntries = tuple[Mapping[str, Any], ...]


def _no_lists() -> tuple[WireEntries, WireEntries]:
    return (), ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One redeemable's outcome.

    ``order`` is the state it leaves, ``taken`` what it took off, by a ``discount`` or
    with what was ``spent`` of a card; these and ``lists``, which writes the
    applicability lists in wire form when asked, are filled for APPLICABLE ones.
    ``refusal`` says why it is INAPPLICABLE, ``skip`` why it is SKIPPED. ``omitted``
    maps a rule set's id to the rule keys that qualification left out. ``claim`` works
    out what redeeming this one takes, which few ask for, and ``counted`` what it adds
    to counters. ``bundle`` counts the bundles
    of a rule that asks for some. ``members`` are the outcomes of a stack's tiers.
    """

    redeemable: Redeemable
    status: Status
    order: OrderState | None = None
    discount: AppliedDiscount | None = None
    spent: Spent | None = None
    taken: Taken = NOTHING
    lists: Callable[[], tuple[WireEntries, WireEntries]] = field(
        default=_no_lists, compare=False
    )
    refusal: Refusal | None = None
    skip: Skip | None = None
    steps: tuple[Step, ...] = ()
    omitted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    claim: Callable[[], tuple[Claim, ...]] = field(default=tuple, compare=False)
    counted: Callable[[], Mapping[CounterKey, int]] = field(default=dict, compare=False)
    bundle: BundleCount | None = None
    members: tuple["Entry", ...] = ()

    @property
    def applicable_to(self) -> WireEntries:
        """What the discount may touch, and what it did."""
        return self.lists()[0]

    @property
    def inapplicable_to(self) -> WireEntries:
        """What the discount must not touch."""
        return self.lists()[1]

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What redeeming this one takes."""
        return self.claim()


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one request.

    ``entries`` follow the order of application. ``order`` is the state after all of
    them, its ``applied_*`` summed over the request; None without an order.
    """

    facts: Facts
    entries: tuple[Entry, ...]
    order: OrderState | None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What a redemption must take, sorted; nothing unless it is valid."""
        if not self.valid:
            return ()
        return merged(claim for entry in self.applicable for claim in entry.claims)

    @property
    def applicable(self) -> tuple[Entry, ...]:
        """The entries that apply, in the order of application."""
        return self._with(Status.APPLICABLE)

    @property
    def inapplicable(self) -> tuple[Entry, ...]:
        """The entries that were refused."""
        return self._with(Status.INAPPLICABLE)

    @property
    def skipped(self) -> tuple[Entry, ...]:
        """The entries left out by the stacking rules."""
        return self._with(Status.SKIPPED)

    @property
    def is_partial(self) -> bool:
        """Whether the project lets the rest apply when one is refused."""
        return self.facts.stacking.redeemables_application_mode == "PARTIAL"

    @property
    def valid(self) -> bool:
        """Whether redeeming this would succeed."""
        return bool(self.applicable) and (self.is_partial or not self.inapplicable)

    @property
    def failed_entry(self) -> Entry | None:
        """The entry whose refusal fails a request in ALL mode."""
        if self.valid or self.is_partial:
            return None
        return next(iter(self.inapplicable), None)

    @property
    def reason(self) -> str:
        """The key of what makes redeeming this fail; empty where nothing does."""
        try:
            self.raise_if_rejected()
        except PromoError as refusal:
            return refusal.key
        return ""

    def raise_if_rejected(self) -> None:
        """Return when the decision may be redeemed.

        Raises:
            ResourceNotFound: ALL mode, the first refused redeemable does not exist.
            Rejected: ALL mode, the first refusal; else ``no_applicable_redeemables``.
        """
        if self.valid:
            return
        if self.failed_entry is None:
            raise Rejected("no_applicable_redeemables", "No applicable redeemables")
        raise as_exception(self.failed_entry)

    def _with(self, status: Status) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.status is status)


def as_exception(entry: Entry) -> PromoError:
    """Return the refusal of ``entry`` as the error a redemption answers with.

    Raises:
        ValueError: ``entry`` was not refused.
    """
    refusal = entry.refusal
    if refusal is None:
        msg = "only a refused redeemable is an error"
        raise ValueError(msg)
    names = {
        "redeemable_id": entry.redeemable.ref,
        "redeemable_type": entry.redeemable.object,
    }
    if refusal.code == HTTP_NOT_FOUND:
        missing = ResourceNotFound(
            refusal.resource_type or entry.redeemable.object,
            refusal.resource_id or entry.redeemable.ref,
        )
        missing.extra = names
        return missing
    if refusal.code == HTTP_FORBIDDEN:
        return Forbidden(refusal.details, extra=names)
    return Rejected(
        refusal.key,
        refusal.message,
        refusal.details,
        error_message=refusal.error_message,
        extra=names,
    )
