"""A version of a campaign in words: a name and a sentence for each thing it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from campaigns.admin.discount import in_words as discount_in_words
from campaigns.admin.schedule import (
    hours_in_words,
    weekdays_in_words,
)
from campaigns.admin.worth import template_in_words
from campaigns.engine.rule_tree import tree_of
from campaigns.services.versions import tiers_of
from promo.admin.presentation import moment, pairs
from redemptions.engine.rule_sentences import Voice
from redemptions.engine.rule_wording import in_words as rule_in_words
from redemptions.rule_builder.limits import limited_in
from redemptions.rule_builder.words import items_in_words

Json = Mapping[str, Any]
_NONE = "None"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two versions say differently; empty where one says nothing."""

    name: str
    before: str
    after: str


def differences(
    before: Json | None, after: Json, *, currency: str, voice: Voice
) -> list[Difference]:
    """Return what ``after`` says differently, in the order of the campaign's page.

    Tiers are the same ones by their ids, whatever they are called.
    """
    then = dict(_said(before, currency, voice)) if before else {}
    now = dict(_said(after, currency, voice))
    keys = [*now, *(key for key in then if key not in now)]
    return [
        Difference(key[1], then.get(key, ""), now.get(key, ""))
        for key in keys
        if then.get(key, "") != now.get(key, "")
    ]


#: What is said, told apart by what it is about, and its name on the screen.
_Key = tuple[str, str]


def _said(snapshot: Json, currency: str, voice: Voice) -> Iterator[tuple[_Key, str]]:
    one, rules = snapshot["campaign"], snapshot["rules"]
    gives = template_in_words(one.get("voucher"), currency)
    quantity = ((one.get("voucher") or {}).get("redemption") or {}).get("quantity", 1)
    yield ("", "Name"), one["name"]
    yield ("", "Description"), one.get("description", "")
    yield ("", "Status"), "Switched on" if one["active"] else "Switched off"
    if one.get("voucher") is not None:
        yield ("", "Gives"), gives
        uses = "Without limit" if quantity is None else f"{quantity:,} times"
        uses = "Once" if quantity == 1 else uses
        yield ("", "Each code can be used"), uses
    yield from _when("", "", one)
    yield ("", "Category"), one.get("category") or _NONE
    yield ("", "Metadata"), pairs(one.get("metadata")) or _NONE
    yield ("", "Joined once"), "Yes" if one.get("join_once") else "No"
    yield ("", "Joined by itself"), "Yes" if one.get("auto_join") else "No"
    yield from _rule("", "", rules.get(one["id"]), voice)
    for tier in tiers_of(snapshot):
        yield from _tier(tier, rules.get(tier["id"]), currency, voice)


def _tier(
    tier: Json, rule: Json | None, currency: str, voice: Voice
) -> Iterator[tuple[_Key, str]]:
    about, prefix = tier["id"], f"Tier {tier['name']}: "
    discount = (tier.get("action") or {}).get("discount")
    yield (about, f"{prefix}place"), str(tier["hierarchy"])
    yield (about, f"{prefix}status"), "Switched on" if tier["active"] else "Off"
    yield (about, f"{prefix}gives"), discount_in_words(discount, currency)
    yield (about, f"{prefix}banner"), tier.get("banner") or ""
    yield from _when(about, prefix, tier)
    yield (about, f"{prefix}category"), tier.get("category") or _NONE
    yield (about, f"{prefix}metadata"), pairs(tier.get("metadata")) or _NONE
    yield from _rule(about, prefix, rule, voice)


def _when(about: str, prefix: str, limits: Json) -> Iterator[tuple[_Key, str]]:
    for name, key in (("starts", "start_date"), ("ends", "expiration_date")):
        text = limits.get(key)
        said = moment(datetime.fromisoformat(text)) if text else "No date"
        yield (about, _named(prefix, name)), said
    stored = SimpleNamespace(
        validity_hours=limits.get("validity_hours"),
        validity_timeframe=limits.get("validity_timeframe"),
    )
    days = limits.get("validity_day_of_week")
    yield (about, _named(prefix, "only on")), weekdays_in_words(days)
    yield (about, _named(prefix, "hours")), hours_in_words(stored)


def _rule(
    about: str, prefix: str, rule: Json | None, voice: Voice
) -> Iterator[tuple[_Key, str]]:
    if rule is None:
        yield (about, _named(prefix, "validation rule")), _NONE
        return
    yield (about, _named(prefix, "validation rule")), rule["name"]
    asked = rule_in_words(tree_of(rule["rules"] or {}), voice)
    yield (about, _named(prefix, "who and what")), asked
    limited = limited_in(rule.get("applicable_to"))
    yield (about, _named(prefix, "only for")), items_in_words(limited.included, voice)
    yield (about, _named(prefix, "not for")), items_in_words(limited.excluded, voice)
    message = (rule.get("error") or {}).get("message", "")
    yield (about, _named(prefix, "refusal message")), str(message)


def _named(prefix: str, name: str) -> str:
    return f"{prefix}{name}" if prefix else f"{name[:1].upper()}{name[1:]}"
