"""Which stacking settings a project may have: ranges, choices, what excludes what.

Source: engine specification, "Project stacking rules".
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from promo.errors import InvalidPayload

Settings = dict[str, Any]

#: The least and the most that a number may be.
BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "redeemables_limit": (1, 30),
        "applicable_redeemables_limit": (1, 30),
        "applicable_redeemables_per_category_limit": (1, 30),
        "applicable_exclusive_redeemables_limit": (1, 5),
        "applicable_exclusive_redeemables_per_category_limit": (1, 5),
    }
)
#: The least and the most of a category in ``applicable_redeemables_category_limits``.
CATEGORY_BOUNDS = (1, 10)
#: A number beside the one that it may not exceed.
_CEILINGS = (
    ("applicable_redeemables_limit", "redeemables_limit"),
    ("applicable_redeemables_per_category_limit", "applicable_redeemables_limit"),
    (
        "applicable_exclusive_redeemables_per_category_limit",
        "applicable_exclusive_redeemables_limit",
    ),
)
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "redeemables_application_mode": ("ALL", "PARTIAL"),
        "redeemables_sorting_rule": ("REQUESTED_ORDER", "CATEGORY_HIERARCHY"),
        "redeemables_products_application_mode": ("STACK", "ONCE"),
        "redeemables_no_effect_rule": ("REDEEM_ANYWAY", "SKIP"),
        "redeemables_rollback_order_mode": ("WITH_ORDER", "WITHOUT_ORDER"),
        "discount_calculation_mode": ("DISCOUNTED_AMOUNT", "INITIAL_AMOUNT"),
    }
)
GROUPED = "grouped_redeemables_sorting_rule"
JOINT_LAST, TOGETHER = "JOINT_ALWAYS_LAST", "SORTING_RULE"
CATEGORY_LIMITS = "applicable_redeemables_category_limits"
#: Lists of categories that say opposite things, so no category is in both.
_OPPOSITES = (
    ("exclusive_categories", "joint_categories"),
    ("no_effect_skip_categories", "no_effect_redeem_anyway_categories"),
    ("initial_amount_mode_categories", "discounted_amount_mode_categories"),
)
CATEGORY_LISTS = tuple(name for pair in _OPPOSITES for name in pair)


def changed_settings(
    current: Mapping[str, Any], changes: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Settings:
    """Return all settings once ``changes`` are made to the ``current`` ones.

    A change is of the type that the API documents; None stands for the default.
    Lists and the map of category limits are replaced whole, and lists lose what
    they repeat. Any sorting of groups but ``JOINT_ALWAYS_LAST`` is ``SORTING_RULE``.

    Raises:
        InvalidPayload: a value out of range, above another one that bounds it, or a
            category in two lists that say opposite things.
    """
    settings = {name: current[name] for name in defaults}
    for name in defaults.keys() & changes.keys():
        sent = changes[name]
        settings[name] = defaults[name] if sent is None else _normal(name, sent)
    for broken in _broken(settings):
        raise InvalidPayload(f"Property .{broken}")
    return settings


def categories_named(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of all categories that the settings name, each once."""
    listed = [each for name in CATEGORY_LISTS for each in settings[name]]
    return tuple(dict.fromkeys([*listed, *settings[CATEGORY_LIMITS]]))


def _normal(name: str, sent: Any) -> Any:
    if name == GROUPED:
        return JOINT_LAST if sent == JOINT_LAST else TOGETHER
    return list(dict.fromkeys(sent)) if name in CATEGORY_LISTS else sent


def _broken(settings: Settings) -> Iterator[str]:
    """Yield what is wrong, each as it follows ``Property .``."""
    for name, (least, most) in BOUNDS.items():
        yield from _out_of(name, settings[name], least, most)
    for name, limit in settings[CATEGORY_LIMITS].items():
        yield from _out_of(f"{CATEGORY_LIMITS}.{name}", limit, *CATEGORY_BOUNDS)
    for name, above in _CEILINGS:
        yield from _out_of(name, settings[name], 1, settings[above])
    for name, allowed in CHOICES.items():
        if settings[name] not in allowed:
            among = ", ".join(allowed)
            yield f"{name} must be equal to one of the allowed values [ {among} ]"
    for name, other in _OPPOSITES:
        for both in sorted(set(settings[name]) & set(settings[other])):
            yield f"{name} must NOT have {both}, which .{other} has"


def _out_of(name: str, number: int | None, least: int, most: int) -> Iterator[str]:
    if number is not None and number < least:
        yield f"{name} must be >= {least}"
    if number is not None and number > most:
        yield f"{name} must be <= {most}"
