"""The checks of a trace in plain English, one sentence each.

A check that no table here knows is told by its name, or by the ``sentence`` that it
brings itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from redemptions.engine.refusals import Skip
from redemptions.engine.rule_sentences import WEEKDAYS, Voice, joined, target_in_words

Json = Mapping[str, Any]
Teller = Callable[[Json, Voice], str]


def check_in_words(check: Json, voice: Voice) -> str:
    """Say how one check of the trace came out; empty when it is not worth telling."""
    name, passed = check["check"], check["passed"]
    teller = (_HELD if passed else _FAILED).get(name)
    if teller is not None:
        return teller(check, voice)
    return str(check.get("sentence") or f"{name.replace('_', ' ').capitalize()}.")


def _always(text: str) -> Teller:
    return lambda _check, _voice: text


def _disabled(check: Json, _: Voice) -> str:
    campaign = check.get("campaign")
    return f"Its campaign {campaign} is disabled." if campaign else "It is disabled."


def _outside(check: Json, _: Voice) -> str:
    """Say which date or which recurring limit is in the way, and what time it was."""
    now = check.get("now", "")
    if check.get("from"):
        return f"It starts on {check['from']}, and it was {now}."
    if check.get("until"):
        return f"It ended on {check['until']}, and it was {now}."
    limits = [*_days(check), *_hours(check), *_window(check)]
    if not limits:
        return "It is outside its dates, days or hours."
    day = WEEKDAYS[check["weekday"]]
    return f"It is valid {joined(limits, 'and')} only, and it was {day}, {now}."


def _days(check: Json) -> list[str]:
    names = [WEEKDAYS[int(day)] for day in check.get("days_of_week") or ()]
    return [f"on {joined(names, 'and')}"] if names else []


def _hours(check: Json) -> list[str]:
    spans = []
    for each in check.get("hours") or ():
        start = each.get("start_time") or "00:00"
        end = each.get("expiration_time") or "24:00"
        names = [WEEKDAYS[int(day)] for day in each.get("days_of_week") or ()]
        days = f" on {joined(names, 'and')}" if names else ""
        spans.append(f"from {start} to {end}{days}")
    return [joined(spans, "and")] if spans else []


def _window(check: Json) -> list[str]:
    frame = check.get("timeframe") or {}
    if not frame:
        return []
    every = f" every {frame['interval']}" if frame.get("interval") else ""
    return [f"for {frame.get('duration', '')}{every} from its start"]


def _used_up(check: Json, _: Voice) -> str:
    used, limit = check.get("used"), check.get("limit")
    if used is None or limit is None:
        return "All its uses are taken."
    text = f"All its uses are taken: {used} of {limit}"
    return f"{text}{_held_in_words(check, str)}."


def _held_in_words(check: Json, shown: Callable[[int], str]) -> str:
    """Say what sessions of others keep, nothing when they keep nothing."""
    held = check.get("held")
    return f", and {shown(held)} held by other checkouts" if held else ""


def _credits(check: Json, voice: Voice) -> str:
    spent, available = voice.money(check["spent"]), voice.money(check["available"])
    return f"It pays {spent} of its {available}."


def _cannot_pay(check: Json, voice: Voice) -> str:
    if check.get("key") == "invalid_gift":
        return "The credits asked for are no amount."
    if check.get("key") == "missing_amount":
        return "The order has no amount that credits could pay."
    available, wanted = check.get("available"), check.get("wanted")
    if available is None:
        return "Its balance is too small."
    left = f"It has {voice.money(available)} left"
    missing = "" if wanted is None else f", not {voice.money(wanted)}"
    return f"{left}{missing}{_held_in_words(check, voice.money)}."


def _points(check: Json, _: Voice) -> str:
    return f"It costs {check['spent']:,} of its {check['available']:,} points."


def _no_reward(check: Json, _: Voice) -> str:
    known = _REWARDS.get(check.get("key", ""))
    if known is not None:
        return known
    available, wanted = check.get("available"), check.get("wanted")
    if available is None:
        return "It has not enough points."
    missing = "" if wanted is None else f", not {wanted:,}"
    held = _held_in_words(check, "{:,}".format)
    return f"It has {available:,} points left{missing}{held}."


_REWARDS: Mapping[str, str] = {
    "missing_reward": "No reward was named for its points.",
    "not_found": "Its programme does not offer that reward.",
    "quantity_exceeded": "The reward is out of stock.",
    "invalid_reward": "The points asked for are no number.",
    "missing_order": "There is no order that points could pay.",
    "missing_amount": "The order has no amount that points could pay.",
}


def _discount(check: Json, voice: Voice) -> str:
    parts = []
    if check.get("order_amount"):
        parts.append(f"{voice.money(check['order_amount'])} off the order")
    parts += [
        f"{voice.money(amount)} off {_line(position, voice)}"
        for position, amount in (check.get("items") or {}).items()
        if amount
    ]
    parts += [
        f"{units:+} of {_line(position, voice)}"
        for position, units in (check.get("units") or {}).items()
        if units
    ]
    return f"The discount comes to {joined(parts, 'and') or 'nothing'}."


def _line(position: str, voice: Voice) -> str:
    index = int(position)
    return voice.lines.get(index) or f"item {index + 1}"


def _bundles(check: Json, _: Voice) -> str:
    count = check.get("quantity") or 0
    return (
        f"The order holds {count} bundles." if count > 1 else "The bundle is complete."
    )


def _lacking(check: Json, voice: Voice) -> str:
    wanted = [
        f"{each['quantity']} more of {target_in_words(each['target'], voice)}"
        for each in check.get("missing") or ()
    ]
    needs = f": it needs {joined(wanted, 'and')}" if wanted else ""
    return f"The bundle is not complete{needs}."


def _left_out(check: Json, _: Voice) -> str:
    limit = check.get("limit")
    most = {None: "enough", 1: "one"}.get(limit, str(limit))
    return _SKIPS[Skip(check["key"])].format(most=most)


_SKIPS: Mapping[Skip, str] = {
    Skip.PRECEDING_VALIDATION_FAILED: (
        "An offer before it was refused, and this project applies all offers or none."
    ),
    Skip.EXCLUSION_RULES_NOT_MET: (
        "An offer of an exclusive category applies, which cannot be combined with it."
    ),
    Skip.EXCLUSIVE_LIMIT: (
        "The project lets {most} of the exclusive offers apply, and so many do already."
    ),
    Skip.EXCLUSIVE_CATEGORY_LIMIT: (
        "The project lets {most} of the offers of its exclusive category apply, and so "
        "many do already."
    ),
    Skip.CATEGORY_LIMIT: (
        "The project lets {most} of the offers of its category apply, and so many do "
        "already."
    ),
    Skip.LIMIT: "The project lets {most} of the offers apply, and so many do already.",
    Skip.NO_EFFECT: "It would take nothing off, and the project skips such offers.",
}


def _not_referred(check: Json, _: Voice) -> str:
    if check.get("key") == "missing_customer":
        return "A referral code needs a customer, and none was sent."
    if check.get("key") == "invalid_voucher":
        return "The referral code has not been given to a referrer yet."
    return "A referrer cannot use a referral code of their own."


_HELD: Mapping[str, Teller] = {
    "exists": _always("It exists."),
    "access": _always("The caller's areas and stores reach it."),
    "active": _always("It is enabled."),
    "validity": _always("It is within its dates, days and hours."),
    "referral": _always("Somebody else than its referrer uses it."),
    "quantity": _always("It has uses left."),
    "kind": _always(""),
    "balance": _always("Its balance is large enough."),
    "bundle": _bundles,
    "holder": _always("Its holder redeems it."),
    "reward": _always("Its points suffice for the reward."),
    "credits": _credits,
    "points": _points,
    "discount": _discount,
    "effect": _always(""),
}
_FAILED: Mapping[str, Teller] = {
    "exists": _always("There is no such code or tier."),
    "access": _always("The caller is restricted to other areas and stores."),
    "active": _disabled,
    "validity": _outside,
    "referral": _not_referred,
    "quantity": _used_up,
    "kind": _always("This version cannot calculate it."),
    "balance": _cannot_pay,
    "holder": _always("Somebody else than its holder redeems it."),
    "reward": _no_reward,
    "bundle": _lacking,
    "discount": _always("The discount could not be calculated."),
    "effect": _always("It would take nothing off, and the project skips such offers."),
    "stacking": _left_out,
}
