"""What a decision is made from: the order, the customer, the redeemables, the rules.

Everything is frozen and already loaded; ids are wire ids (``prod_…``), money is
minor units, moments are aware. The shell builds these in a constant number of
queries, the engine reads nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from campaigns.engine.applicability import ApplicableTo
from campaigns.engine.bundles import Bundle
from campaigns.engine.discounts import Discount, Effect
from campaigns.engine.rules import RuleSet
from campaigns.engine.validity import Validity
from promo.calendar_windows import MONDAY
from promo.comparison import Kind

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A product or SKU, stored attributes overlaid by those sent inline.

    ``id`` is None for something known from the request alone.
    """

    kind: Literal["product", "sku"]
    id: str | None
    source_id: str | None
    name: str | None = None
    price: int | None = None
    metadata: Metadata = field(default_factory=dict)
    collections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a UNIT discount gives: a product, a SKU with its product, a collection.

    ``collection_id`` stands for whatever members of it an order holds.
    """

    product: ItemFacts | None = None
    sku: ItemFacts | None = None
    collection_id: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One order line as sent or stored.

    ``echo`` holds the identifying fields as the caller sent them. ``price`` and
    ``amount`` are minor units, None when nothing names them. ``discount_amount``
    and ``discount_quantity`` are what earlier requests gave.
    """

    index: int
    quantity: int
    price: int | None
    amount: int | None
    product: ItemFacts | None = None
    sku: ItemFacts | None = None
    metadata: Metadata = field(default_factory=dict)
    echo: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    initial_quantity: int | None = None
    initial_amount: int | None = None
    discount_amount: int = 0
    discount_quantity: int = 0

    @property
    def as_sent(self) -> "Line":
        """The line without what UNIT discounts of earlier requests did to it."""
        if self.initial_quantity is None:
            return self
        amount = self.amount if self.initial_amount is None else self.initial_amount
        return replace(self, quantity=self.initial_quantity, amount=amount)


@dataclass(frozen=True)
class OrderFacts:
    """The order before this request.

    ``amount`` is the value before discounts, None when neither the order nor its
    lines name one. ``discount_amount`` is the order-level part of earlier requests.
    """

    lines: tuple[Line, ...]
    amount: int | None
    initial_amount: int | None = None
    discount_amount: int = 0
    metadata: Metadata = field(default_factory=dict)
    id: str | None = None
    source_id: str | None = None
    status: str | None = None
    customer_id: str | None = None
    referrer_id: str | None = None
    created_at: datetime | None = None

    @property
    def names_amount(self) -> bool:
        """Whether the order has a value, its own or that of its lines."""
        return self.amount is not None or any(
            line.amount is not None or line.price is not None for line in self.lines
        )

    @cached_property
    def sent_units(self) -> int:
        """How many units the client sent."""
        return sum(line.quantity for line in self.sent_lines)

    @cached_property
    def sent_lines(self) -> tuple[Line, ...]:
        """The lines as the client sent them.

        What UNIT discounts of earlier requests did to a stored order does not count.
        """
        if all(line.initial_quantity is None for line in self.lines):
            return self.lines
        return tuple(line.as_sent for line in self.lines if line.initial_quantity != 0)


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Who redeems: stored attributes overlaid by those sent.

    ``id`` is None for somebody not stored yet. ``segments`` holds the wire ids of those
    that the customer is in, of the ones that rules ask about; ``loyalty_tiers`` of the
    tiers held now.
    """

    id: str | None
    source_id: str | None
    metadata: Metadata = field(default_factory=dict)
    birthdate: date | None = None
    segments: frozenset[str] = frozenset()
    loyalty_tiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A category of a redeemable; lower ``hierarchy`` goes first."""

    id: str
    name: str
    hierarchy: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """The campaign behind a redeemable."""

    id: str
    name: str
    active: bool
    category: CategoryFacts | None = None


@dataclass(frozen=True, slots=True)
class AssignedRules:
    """One validation rule that applies to a redeemable, compiled.

    ``level`` says whose assignment it is: the campaign's sets are evaluated first.
    """

    rule_id: str
    name: str
    level: Literal["campaign", "own"]
    rules: RuleSet
    applicable_to: ApplicableTo | None
    error_message: str | None = None
    bundle: Bundle | None = None


@dataclass(frozen=True, slots=True)
class GiftCard:
    """The credits of a gift card, minor units.

    ``balance`` is what is on it, ``locked`` how much of that sessions of others hold.
    ``wanted`` are the credits as the caller sent them, anything at all; None for as
    much as there is to pay.
    """

    balance: int
    effect: Effect = Effect.APPLY_TO_ORDER
    locked: int = 0
    wanted: Any = None

    @property
    def available(self) -> int:
        """What can be spent now."""
        return self.balance - self.locked


@dataclass(frozen=True, slots=True)
class Coin:
    """``points_ratio`` points pay ``exchange_ratio`` major units."""

    exchange_ratio: Decimal
    points_ratio: int


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward as the card's programme offers it: a coin, or a thing for ``points``.

    ``stock`` are the things left, None without end.
    """

    id: str
    assignment_id: str
    name: str
    coin: Coin | None = None
    points: int = 0
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class LoyaltyCard:
    """The points of a loyalty card, and what they shall buy.

    ``reward_id`` is the reward as sent, ``reward`` what the programme offers under
    it, None when it does not. ``wanted`` are the points as the caller sent them,
    None for as many as it takes; ``locked`` is held by sessions of others.
    """

    balance: int
    locked: int = 0
    reward_id: str | None = None
    reward: Reward | None = None
    wanted: Any = None

    @property
    def available(self) -> int:
        """What can be spent now."""
        return self.balance - self.locked


@dataclass(frozen=True, slots=True)
class Redeemable:
    """One thing the caller wants to use, as asked for and as found.

    ``ref`` is the id as sent: a code, a voucher id or a tier id. When ``found`` is
    False nothing below it means anything. ``validity`` is the effective one, own
    fields over the campaign's. ``quantity`` None means unlimited; of it
    sessions of others hold ``held_quantity``. ``stack_id`` is the promotion stack a
    tier came with; ``tiers`` are those of a stack that is decided about as one. What
    it gives is a ``discount``, ``gift`` or ``loyalty``. ``held_by_referee`` says that
    the customer was given this referral code, ``publication_metadata`` is that of its
    latest publication to this customer.
    """

    object: Literal["voucher", "promotion_tier", "promotion_stack"]
    ref: str
    found: bool
    id: str | None = None
    code: str | None = None
    name: str | None = None
    banner: str | None = None
    type: str | None = None
    active: bool = True
    campaign: CampaignFacts | None = None
    category: CategoryFacts | None = None
    validity: Validity | None = None
    quantity: int | None = None
    redeemed_quantity: int = 0
    held_quantity: int = 0
    discount: Discount | None = None
    gift: GiftCard | None = None
    loyalty: LoyaltyCard | None = None
    rules: tuple[AssignedRules, ...] = ()
    metadata: Metadata = field(default_factory=dict)
    holder_id: str | None = None
    held_by_referee: bool = False
    is_published: bool = False
    is_referral_code: bool = False
    publication_metadata: Metadata | None = None
    created_at: datetime | None = None
    stack_id: str | None = None
    tiers: tuple["Redeemable", ...] = ()

    @property
    def has_lasting_caps(self) -> bool:
        """Whether an entry of its lists caps the units that are ever discounted."""
        return any(
            entry.lasting_caps
            for assigned in self.rules
            if assigned.applicable_to is not None
            for entry in assigned.applicable_to.included
        )


@dataclass(frozen=True, slots=True)
class StackingRules:
    """How several redeemables go together (project setting)."""

    redeemables_limit: int = 30
    applicable_redeemables_limit: int = 5
    applicable_redeemables_per_category_limit: int | None = None
    applicable_redeemables_category_limits: Mapping[str, int] = field(
        default_factory=dict
    )
    applicable_exclusive_redeemables_limit: int = 1
    applicable_exclusive_redeemables_per_category_limit: int | None = None
    exclusive_categories: tuple[str, ...] = ()
    joint_categories: tuple[str, ...] = ()
    redeemables_application_mode: str = "ALL"
    redeemables_sorting_rule: str = "REQUESTED_ORDER"
    grouped_redeemables_sorting_rule: str = "JOINT_ALWAYS_LAST"
    redeemables_products_application_mode: str = "STACK"
    redeemables_no_effect_rule: str = "REDEEM_ANYWAY"
    no_effect_skip_categories: tuple[str, ...] = ()
    no_effect_redeem_anyway_categories: tuple[str, ...] = ()
    redeemables_rollback_order_mode: str = "WITH_ORDER"
    discount_calculation_mode: str = "DISCOUNTED_AMOUNT"
    initial_amount_mode_categories: tuple[str, ...] = ()
    discounted_amount_mode_categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the key's id, or the dashboard user's login."""

    api_key_id: str | None = None
    user_login: str | None = None


@dataclass(frozen=True)
class Facts:
    """Everything one request is decided on.

    ``order`` and ``customer`` are None when the request carries none. ``metadata``
    is the request's own, read by ``redemption.metadata`` rules. ``all_products_id``
    is the project's predefined collection that holds everything. ``units`` maps the
    ``unit_type`` of UNIT discounts to what the catalogue knows of it. ``used`` holds
    the counters that rules read, by subject and bucket (``engine.counters``), as of
    before this request, ``uncounted`` those of them that are summed up, having no row
    yet; ``ordered`` are the campaigns (a standalone voucher is its
    own) that have counted the value of this order already. ``week_starts_on`` counts
    from 0, Sunday. ``schemas`` maps a resource (``customer``, ``order``,
    ``order_item``, ``product``, ``redemption``) and a metadata path to its declared
    type. ``reached_campaigns`` are those of the redeemables' that a restricted caller
    may use, None for a caller who may use all. ``event_metadata`` is that of the custom
    event that is being handled, None when none is.
    """

    now: datetime
    time_zone: ZoneInfo
    redeemables: tuple[Redeemable, ...]
    order: OrderFacts | None
    customer: CustomerFacts | None
    stacking: StackingRules
    caller: Caller = Caller()
    metadata: Metadata = field(default_factory=dict)
    all_products_id: str | None = None
    units: Mapping[str, UnitFacts] = field(default_factory=dict)
    used: Mapping[tuple[str, str], int] = field(default_factory=dict)
    uncounted: frozenset[tuple[str, str]] = frozenset()
    ordered: frozenset[str] = frozenset()
    week_starts_on: int = MONDAY
    schemas: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    reached_campaigns: frozenset[str] | None = None
    event_metadata: Metadata | None = None

    @cached_property
    def has_lasting_caps(self) -> bool:
        """Whether a redeemable of the request has such caps."""
        alone = (one for each in self.redeemables for one in each.tiers or (each,))
        return any(one.has_lasting_caps for one in alone)
