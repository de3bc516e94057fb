"""The names a formula may use: functions with their arity, and operands.

Source: rules specification, "Functions", "Operands".
"""

from collections.abc import Mapping

_ANY = 50

#: Function -> the fewest and the most arguments.
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "IF": (3, 3),
    "MIN": (2, _ANY),
    "MAX": (2, _ANY),
    "POW": (2, 2),
    "DEFAULT_TO": (2, _ANY),
    "ROUND": (1, 2),
    "FLOOR": (1, 2),
    "CEIL": (1, 2),
    "DATE": (1, 1),
    "DATE_TIME": (1, 1),
    **dict.fromkeys(
        (
            "DAY_OF_MONTH",
            "MONTH",
            "YEAR",
            "DAYS_SINCE",
            "MONTHS_SINCE",
            "YEARS_SINCE",
            "DAYS_UNTIL",
            "MONTHS_UNTIL",
        ),
        (1, 1),
    ),
}

ITEM = "ORDER_ITEM"
CHEAPEST = "CHEAPEST_ORDER_ITEM"
DEAREST = "MOST_EXPENSIVE_ORDER_ITEM"
_ITEM_VALUES = ("PRICE", "AMOUNT", "SUBTOTAL", "UNITS_QUANTITY")
_ITEM_METADATA = ("METADATA", "PRODUCT_METADATA")

#: Facts without a key.
OPERANDS = frozenset(
    {
        "TODAY",
        "NOW",
        "ORDER_AMOUNT",
        "ORDER_ITEMS_QUANTITY",
        "ORDER_UNITS_QUANTITY",
        "ORDER_BUNDLE_QUANTITY",
        "VOUCHER_REDEMPTION_QUANTITY",
        "VOUCHER_REDEEMED_QUANTITY",
        "VOUCHER_PUBLISH_COUNT",
        "VOUCHER_START_DATE",
        "VOUCHER_EXPIRATION_DATE",
        "PROMOTION_TIER_START_DATE",
        "PROMOTION_TIER_EXPIRATION_DATE",
        "CUSTOMER_BIRTHDATE",
        *(f"{line}_{v}" for line in (ITEM, CHEAPEST, DEAREST) for v in _ITEM_VALUES),
    }
)
#: Facts that a key in parentheses names.
KEYED_OPERANDS = frozenset(
    {
        "ORDER_METADATA",
        "CUSTOMER_METADATA",
        "REDEEMABLE_METADATA",
        "REDEMPTION_METADATA",
        "PUBLICATION_METADATA",
        *(f"{line}_{m}" for line in (ITEM, CHEAPEST, DEAREST) for m in _ITEM_METADATA),
    }
)
#: Facts of the line being discounted, unknown where there is none.
OF_LINE = frozenset(
    name for name in (*OPERANDS, *KEYED_OPERANDS) if name.startswith(f"{ITEM}_")
)
