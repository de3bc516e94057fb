"""What an offer that applies gives and leaves, as one sentence goes on."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from redemptions.engine.rule_sentences import Voice, joined

Json = Mapping[str, Any]

_WHERE: Mapping[str, str] = {
    "APPLY_TO_ORDER": "the order",
    "APPLY_TO_ITEMS": "items",
    "APPLY_TO_ITEMS_BY_QUANTITY": "every unit of items",
    "APPLY_TO_ITEMS_PROPORTIONALLY": "items, split by amount,",
    "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY": "items, split by quantity,",
}


def offer_in_words(entry: Json, voice: Voice) -> str:
    """Return what an applicable entry of the trace does: "applies: 10 % off …"."""
    gives, amount = entry.get("gives"), entry.get("takes_off") or 0
    spends = entry.get("spends")
    if spends and spends.get("points"):
        return f"applies: {_points(spends, amount, voice)}{_left(entry, voice)}."
    if spends and spends.get("credits"):
        return f"applies: {_credits(spends, voice)}{_left(entry, voice)}."
    if not entry.get("has_effect", amount):
        return f"applies, but takes nothing off{_why_nothing(gives)}."
    what = gives_in_words(gives, voice) if gives else "it"
    taken = voice.money(amount)
    by = _formulas(gives or {})
    return f"applies: {what}{by} takes off {taken}{_left(entry, voice)}."


def _formulas(gives: Json) -> str:
    """Say what formulas gave, or why the stored number counts instead."""
    worked = gives.get("formulas", ())
    reason = next((each["reason"] for each in worked if "reason" in each), None)
    if reason is not None:
        return f", as stored because its formula has no value ({reason}),"
    return ", as its formula gives," if worked else ""


def _credits(spends: Json, voice: Voice) -> str:
    used, available = voice.money(spends["credits"]), voice.money(spends["available"])
    return f"it pays {used} of its {available}"


def _points(spends: Json, amount: int, voice: Voice) -> str:
    """Say what the points pay; a thing is paid for without touching the order."""
    used = f"{spends['points']:,} of its {spends['available']:,} points"
    return f"{used} pay {voice.money(amount)}" if amount else f"it costs {used}"


def _left(entry: Json, voice: Voice) -> str:
    leaves = entry.get("leaves")
    return "" if leaves is None else f" and leaves {voice.money(leaves)} to pay"


def gives_in_words(gives: Json, voice: Voice) -> str:
    """Return a discount as a marketer would say it: "10 % off the order"."""
    if gives.get("units"):
        return joined([_unit(each) for each in gives["units"]], "and")
    where, value = _WHERE.get(gives["effect"], "items"), gives["value"]
    teller = _KINDS.get(gives["type"])
    return teller(value, where, voice) if teller else "what it gives"


def _percent(value: Any, where: str, _: Voice) -> str:
    return f"{Decimal(str(value or 0)).normalize():f} % off {where}"


def _fixed(value: Any, where: str, voice: Voice) -> str:
    of = "" if value is None else f" of {voice.money(value)}"
    return f"a new price{of} for {where}"


def _amount(value: Any, where: str, voice: Voice) -> str:
    return f"{voice.money(value or 0)} off {where}"


_KINDS: Mapping[str, Callable[[Any, str, Voice], str]] = {
    "PERCENT": _percent,
    "FIXED": _fixed,
    "AMOUNT": _amount,
}


def _unit(unit: Json) -> str:
    given = f"{unit['quantity']} of {unit['name']}"
    if unit["effect"] == "REPLACE_ITEMS":
        return f"{given} in place of each matching unit"
    return f"{given} for free"


def _why_nothing(gives: Json | None) -> str:
    if not gives or gives["type"] not in _KINDS:
        return ""
    if gives["effect"] == "APPLY_TO_ORDER":
        return ": the order leaves nothing to take off"
    return ": it makes no item of the order cheaper"
