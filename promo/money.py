"""Money arithmetic: integers in the minor currency unit, exact until rounded once."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def round_half_up(value: Decimal | Fraction | int) -> int:
    """Return ``value`` rounded once to a whole minor unit, halves away from zero.

    Source: engine specification, "Common rules" (ADR 0004).
    """
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return rounded_ratio(value.numerator, value.denominator)


def rounded_ratio(numerator: int, denominator: int) -> int:
    """Return ``numerator / denominator`` rounded as ``round_half_up`` does.

    ``denominator`` is positive. It spares making a fraction of the two.
    """
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def is_whole(value: object) -> bool:
    """Say whether ``value`` is a whole number of minor units or points, at least 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` minor units over ``weights`` by cumulative rounding.

    The parts are never negative and always add up to ``total``; all zero when
    the weights add up to zero.

    Raises:
        ValueError: ``total`` or a weight is negative.

    Source: engine specification, "Common rules".
    """
    if total < 0 or any(weight < 0 for weight in weights):
        msg = "total and weights must not be negative"
        raise ValueError(msg)
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts, running, before = [], 0, 0
    for weight in weights:
        running += weight
        upto = rounded_ratio(total * running, whole)
        parts.append(upto - before)
        before = upto
    return parts


def in_major_units(amount: int) -> Decimal:
    """Return ``amount`` minor units as major units with two decimals."""
    return Decimal(amount).scaleb(-2)
