"""What codes are worth, in words: a discount, credits or points."""

from collections.abc import Mapping
from typing import Any

from campaigns.admin.discount import in_words
from campaigns.engine.discounts import Effect
from campaigns.models import Voucher, VoucherType
from promo.admin.presentation import money


def template_in_words(template: Mapping[str, Any] | None, currency: str) -> str:
    """Return what the codes of a template start with, ``50.00 EUR of credit``."""
    worth = template or {}
    if "gift" in worth:
        gift = worth["gift"]
        where = _where(gift.get("effect"))
        return f"{money(gift['amount'], currency)} of credit{where}"
    if "loyalty_card" in worth:
        return f"{worth['loyalty_card']['points']:,} points"
    return in_words(worth.get("discount"), currency)


def voucher_in_words(voucher: Voucher) -> str:
    """Return what a code gives; of a card, what is left on it."""
    currency = voucher.project.currency
    if voucher.type == VoucherType.GIFT_VOUCHER:
        return f"{balance_in_words(voucher)} of credit{_where(voucher.gift_effect)}"
    if voucher.type == VoucherType.LOYALTY_CARD:
        return balance_in_words(voucher)
    return in_words(voucher.discount, currency)


def balance_in_words(voucher: Voucher) -> str:
    """Return the balance of a card with its unit."""
    return amount_in_words(voucher, voucher.balance)


def amount_in_words(voucher: Voucher, amount: int) -> str:
    """Return an amount of a card's unit: money, or points."""
    if voucher.type == VoucherType.LOYALTY_CARD:
        return f"{amount:,} points"
    return money(amount, voucher.project.currency)


def _where(effect: str | None) -> str:
    return " for matching items" if effect == Effect.APPLY_TO_ITEMS else ""
