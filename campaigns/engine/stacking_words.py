"""Stacking rules in sentences, and which categories go together.

Source: engine specification, "Stacking".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.engine.stacking_settings import CATEGORY_LIMITS, GROUPED, JOINT_LAST

#: How offers of no category are called.
UNSORTED = "No category"

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Whether an offer of one category applies after one of another.

    ``why`` says so in words; the order does not matter to the answer.
    """

    fits: bool
    why: str


def tell_stacking(settings: Mapping[str, Any], names: Names) -> list[str]:
    """Return what ``settings`` do to the offers of one order, step by step.

    ``names`` are the categories by id, in the order of their places.
    """
    return [
        _order(settings, names),
        *_groups(settings, names),
        *_limits(settings, names),
        _failure(settings),
        _base(settings, names),
    ]


def _order(settings: Mapping[str, Any], names: Names) -> str:
    if settings["redeemables_sorting_rule"] != "CATEGORY_HIERARCHY":
        return "Offers apply in the order in which the checkout names them."
    if not names:
        return "Offers are sorted by category, but there is no category yet."
    first, *rest = names.values()
    then = "".join(f", then {name}" for name in rest)
    return f"Offers of {first} apply first{then}; what has no category comes last."


def _groups(settings: Mapping[str, Any], names: Names) -> list[str]:
    alone = _named(settings["exclusive_categories"], names)
    joint = _named(settings["joint_categories"], names)
    told = []
    if alone:
        most = settings["applicable_exclusive_redeemables_limit"]
        told.append(
            f"Offers of {alone} go before ordinary ones. Once one of them applies, "
            f"ordinary offers are left out; at most {most} of them may apply."
        )
    if joint:
        told.append(f"Offers of {joint} apply beside any other.")
    if alone and joint and settings[GROUPED] == JOINT_LAST:
        told.append(f"Where both are named, those of {joint} come last.")
    return told


def _limits(settings: Mapping[str, Any], names: Names) -> list[str]:
    most, named = settings["applicable_redeemables_limit"], "redeemables_limit"
    told = [
        (
            f"At most {most} apply to one order, of up to {settings[named]} that the "
            "checkout may name."
        )
    ]
    each = settings["applicable_redeemables_per_category_limit"]
    if each is not None:
        told.append(f"At most {each} of the same category apply.")
    own = settings[CATEGORY_LIMITS]
    limits = [f"{own[key]} of {name}" for key, name in names.items() if key in own]
    if limits:
        told.append(f"At most {', '.join(limits)}.")
    return told


def _failure(settings: Mapping[str, Any]) -> str:
    if settings["redeemables_application_mode"] == "ALL":
        return "When one offer cannot be used, none is: all or nothing."
    return "When one offer cannot be used, the others apply all the same."


def _base(settings: Mapping[str, Any], names: Names) -> str:
    whole = settings["discount_calculation_mode"] == "INITIAL_AMOUNT"
    before, left = "the price before any discount", "what is left to pay"
    usual, other = (before, left) if whole else (left, before)
    key = (
        "discounted_amount_mode_categories"
        if whole
        else ("initial_amount_mode_categories")
    )
    apart = _named(settings[key], names)
    but = f", those of {apart} of {other}" if apart else ""
    return f"Percentages are taken of {usual}{but}."


def _named(keys: Sequence[str], names: Names) -> str:
    """Return the names of categories as a list in words, in their order."""
    known = [name for key, name in names.items() if key in set(keys)]
    if len(known) < 2:  # noqa: PLR2004 - one alone needs no "and"
        return "".join(known)
    return f"{', '.join(known[:-1])} and {known[-1]}"


def compatibility(settings: Mapping[str, Any], names: Names) -> list[list[Pair]]:
    """Return whether two offers apply together, for each pair of categories.

    Rows and columns are ``names`` in their order, then what has no category.
    """
    keys = [*names, None]
    return [[_pair(one, other, settings) for other in keys] for one in keys]


def _pair(one: str | None, other: str | None, settings: Mapping[str, Any]) -> Pair:
    if settings["applicable_redeemables_limit"] < 2:  # noqa: PLR2004 - a pair
        return Pair(fits=False, why="Only one offer applies to an order")
    alone, joint = settings["exclusive_categories"], settings["joint_categories"]
    standing = [key for key in (one, other) if key in alone]
    if one is not None and one == other and not _second_fits(one, settings):
        return Pair(fits=False, why="Only one of this category applies")
    if len(standing) == 1 and one not in joint and other not in joint:
        return Pair(fits=False, why="One of them stands alone")
    if len(standing) > 1 and settings["applicable_exclusive_redeemables_limit"] == 1:
        return Pair(fits=False, why="Both stand alone")
    return Pair(fits=True, why="Both apply")


def _second_fits(category: str, settings: Mapping[str, Any]) -> bool:
    usual = settings["applicable_redeemables_per_category_limit"]
    limits = [settings[CATEGORY_LIMITS].get(category, usual)]
    if category in settings["exclusive_categories"]:
        limits.append(settings["applicable_exclusive_redeemables_per_category_limit"])
    return all(limit is None or limit > 1 for limit in limits)
