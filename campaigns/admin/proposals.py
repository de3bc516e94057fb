"""Offers and rules in words, label by label: what an approver reads of a change."""

import json
from collections.abc import Mapping
from typing import Any

from campaigns.admin.guarded import rule_on
from campaigns.admin.schedule import (
    hours_in_words,
    period_in_words,
    weekdays_in_words,
)
from campaigns.admin.simple_rules import rules_in_words, simple_values
from campaigns.admin.worth import (
    amount_in_words,
    balance_in_words,
    template_in_words,
)
from campaigns.admin.worth import voucher_in_words as worth_of
from campaigns.models import (
    Campaign,
    CampaignType,
    PromotionTier,
    ValidationRule,
    Voucher,
)
from campaigns.services.generation import pending_codes
from promo.admin.presentation import pairs

Words = Mapping[str, str]
_NO_LIMIT = "No limit"


def campaign_in_words(campaign: Campaign) -> Words:
    """Return what a campaign is, gives and asks for."""
    template = campaign.voucher or {}
    uses = (template.get("redemption") or {}).get("quantity")
    kind = CampaignType(campaign.campaign_type).label
    shown = {
        "Name": campaign.name,
        "Description": campaign.description or "-",
        "Kind": str(kind).replace("_", " ").capitalize(),
        "Gives": _gives(campaign),
        "Dates": period_in_words(campaign.start_date, campaign.expiration_date),
        "Only on": weekdays_in_words(campaign.validity_day_of_week),
        "Hours": hours_in_words(campaign),
        "The offer in detail": _detail(
            campaign.voucher
            if campaign.has_codes
            else [one.action for one in _tiers(campaign)]
        ),
        "Enabled": _yes(campaign.active),
        **_rule_words(campaign),
        "Category": str(campaign.category or "-"),
        "Metadata": pairs(campaign.metadata) or "-",
    }
    if campaign.has_codes:
        shown["Uses of each code"] = _NO_LIMIT if uses is None else f"{uses:,}"
        shown["Pattern of codes"] = (template.get("code_config") or {}).get(
            "pattern"
        ) or "-"
        shown["Codes"] = f"{_codes_of(campaign):,}"
    return shown


def codes_in_words(campaign: Campaign) -> Words:
    """Return how many codes a campaign has, those being made included."""
    return {"Codes": f"{_codes_of(campaign):,}"}


def voucher_in_words(voucher: Voucher) -> Words:
    """Return what a code is, gives and asks for."""
    uses = voucher.redemption_quantity
    return {
        "Code": voucher.code,
        "Campaign": voucher.campaign.name if voucher.campaign else "-",
        "Gives": worth_of(voucher),
        "The offer in detail": _detail(voucher.discount),
        "Uses": _NO_LIMIT if uses is None else f"{uses:,}",
        "Dates": period_in_words(voucher.start_date, voucher.expiration_date),
        "Only on": weekdays_in_words(voucher.validity_day_of_week),
        "Hours": hours_in_words(voucher),
        "Enabled": _yes(voucher.active),
        **_rule_words(voucher),
        "Category": str(voucher.category or "-"),
        "Note": voucher.additional_info or "-",
        "Metadata": pairs(voucher.metadata) or "-",
    }


def balance_of_card_in_words(card: Voucher) -> Words:
    """Return what a card has."""
    return {"Balance": balance_in_words(card)}


def adjustment_in_words(card: Voucher, *, amount: int, reason: str) -> Words:
    """Return how much is to move on a card, and why."""
    moves = "Added" if amount > 0 else "Taken off"
    return {moves: amount_in_words(card, abs(amount)), "Reason": reason}


def rule_in_words(rule: ValidationRule) -> Words:
    """Return what a rule asks for."""
    is_simple = simple_values(rule.rules) is not None
    return {
        "Name": rule.name,
        "Asks for": rules_in_words(rule.rules, rule.project.currency),
        "Conditions in detail": "-" if is_simple else _detail(rule.rules),
        "Only for items": _detail(rule.applicable_to),
        "Message": (rule.error or {}).get("message") or "-",
    }


def _gives(campaign: Campaign) -> str:
    currency = campaign.project.currency
    if campaign.has_codes:
        return template_in_words(campaign.voucher, currency)
    given = [template_in_words(one.action, currency) for one in _tiers(campaign)]
    return "; ".join(given) or "-"


def _tiers(campaign: Campaign) -> list[PromotionTier]:
    return list(campaign.tiers.alive().order_by("hierarchy", "pk")[:20])


def _detail(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if value else "-"


def _rule_words(guarded: Campaign | Voucher) -> Words:
    rule = rule_on(guarded)
    if rule is None:
        return {"Validation rule": "None"}
    asks = rules_in_words(rule.rules, guarded.project.currency)
    return {"Validation rule": rule.name, "The rule asks for": asks}


def _codes_of(campaign: Campaign) -> int:
    """Return the codes that there are, and those that are being made."""
    promised: int = pending_codes(campaign)
    return campaign.vouchers_count + promised


def _yes(value: object) -> str:
    return "Yes" if value else "No"
