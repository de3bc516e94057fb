"""A bundle: so many units of each of several things, bought together."""

from dataclasses import dataclass

from campaigns.engine.rules import Target


@dataclass(frozen=True, slots=True)
class BundlePart:
    """At least ``quantity`` units of one product, SKU or collection.

    ``error_message`` is the marketer's text for an order that lacks them.
    """

    target: Target
    quantity: int
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parts, every one of which must be in the order.

    At most ``limit`` bundles count in one order; ``multiplies`` says that each of
    them counts for the discount.
    """

    parts: tuple[BundlePart, ...]
    limit: int = 1
    multiplies: bool = True
