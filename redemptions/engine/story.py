"""A decision told to people, from its trace: what became of each offer, and why.

The trace may be a day or a year old; ``Voice`` says how to write amounts and what
ids and order lines are called.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redemptions.engine.check_sentences import check_in_words
from redemptions.engine.offer_sentences import offer_in_words
from redemptions.engine.rule_reasons import reasons_of_set
from redemptions.engine.rule_sentences import (
    PLAIN,
    Voice,
    condition_in_words,
    reason_in_words,
)

Json = Mapping[str, Any]

RULES = frozenset({"rules", "rules_on_result"})
_OUTCOMES = {
    "APPLICABLE": "applies",
    "INAPPLICABLE": "was refused",
    "SKIPPED": "was skipped",
}
_LEVELS = {"campaign": "the campaign's rule", "own": "its own rule"}


@dataclass(frozen=True, slots=True)
class Told:
    """One step as a sentence; ``depth`` counts the rules around it."""

    passed: bool
    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ToldOffer:
    """One redeemable of the request: its outcome, the reason and all the steps.

    ``outcome`` goes on from the name: "was refused". ``summary`` is the whole
    sentence. ``shop_text`` is what the marketer wrote for the shop to show.
    """

    name: str
    status: str
    outcome: str
    summary: str
    steps: Sequence[Told]
    shop_text: str = ""


def tell_decision(trace: Json, voice: Voice = PLAIN) -> list[ToldOffer]:
    """Return the redeemables of a trace: one of its own, or all of a request."""
    entries = trace.get("redeemables") or ([trace] if trace.get("checks") else [])
    return [_told(entry, voice) for entry in entries]


def _told(entry: Json, voice: Voice) -> ToldOffer:
    name = str(voice.name(entry["id"]))
    if name == entry["id"]:
        name = entry.get("name") or name
    status = entry["status"]
    return ToldOffer(
        name=name,
        status=status,
        outcome=_OUTCOMES[status],
        summary=_summary(name, entry, voice),
        steps=[step for check in entry["checks"] for step in _steps(check, voice)],
        shop_text=(entry.get("refusal") or {}).get("shop_text") or "",
    )


def _summary(name: str, entry: Json, voice: Voice) -> str:
    status = entry["status"]
    if status == "APPLICABLE":
        return f"{name} {offer_in_words(entry, voice)}"
    reasons = [
        reason
        for check in entry["checks"]
        if not check["passed"]
        for reason in _reasons(check, voice)
    ]
    message = (entry.get("refusal") or {}).get("message", "")
    why = "; ".join(reasons) or message
    return (
        f"{name} {_OUTCOMES[status]}: {why}." if why else f"{name} {_OUTCOMES[status]}."
    )


def _reasons(check: Json, voice: Voice) -> list[str]:
    if check["check"] in RULES:
        return [
            reason for held in check["rules"] for reason in _reasons_of_set(held, voice)
        ]
    return [_inside_a_sentence(check_in_words(check, voice))]


def _reasons_of_set(held: Json, voice: Voice) -> list[str]:
    """Return the reasons of a set; of several of which one would do, all in one."""
    reasons = [_inside_a_sentence(each) for each in reasons_of_set(held, voice)]
    logic = held.get("logic", "")
    if len(reasons) > 1 and " or " in logic and " and " not in logic:
        return [f"one of these is enough, but none holds: {', or: '.join(reasons)}"]
    return reasons


def _inside_a_sentence(text: str) -> str:
    """Return a text as it goes on after a colon; names keep their capitals."""
    begins = text[:1].lower() if text[1:2].islower() else text[:1]
    return begins + text[1:].rstrip(".")


def as_sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _steps(check: Json, voice: Voice) -> Iterator[Told]:
    if check["check"] in RULES:
        for held in check["rules"]:
            yield from _steps_of_set(held, voice)
        return
    text = check_in_words(check, voice)
    if text:
        yield Told(bool(check["passed"]), text)


def tell_set(held: Json, voice: Voice = PLAIN) -> list[Told]:
    """Return the rules of one set of a trace, each with what was found and asked."""
    numbered, _ = _how(held.get("logic", ""))
    return [
        step
        for rule in held["rules"]
        for step in _steps_of_rule(
            rule, voice, depth=0, number=f"{rule['key']}. " if numbered else ""
        )
    ]


def _steps_of_set(held: Json, voice: Voice) -> Iterator[Told]:
    whose = _LEVELS.get(held["level"], "a rule")
    holds = "holds" if held["passed"] else "does not hold"
    numbered, how = _how(held.get("logic", ""))
    yield Told(bool(held["passed"]), f"“{held['name']}”, {whose}, {holds}{how}.")
    for rule in held["rules"]:
        number = f"{rule['key']}. " if numbered else ""
        yield from _steps_of_rule(rule, voice, depth=1, number=number)


def _how(logic: str) -> tuple[bool, str]:
    """Return whether rules go by number, and how they go together, where not by and."""
    if " or " not in logic:
        return False, ""
    if " and " not in logic:
        return False, ": one of these is enough"
    return True, f": what must hold is {logic}"


def _steps_of_rule(
    rule: Json, voice: Voice, *, depth: int, number: str = ""
) -> Iterator[Told]:
    texts = [
        (one["passed"], condition_in_words(rule, one, voice))
        for one in rule["conditions"]
    ]
    if rule.get("reason"):
        texts.append((False, reason_in_words(rule, voice)))
    for passed, text in texts:
        yield Told(bool(passed), f"{number}{as_sentence(text)}", depth)
    for nested in rule.get("rules", ()):
        yield from _steps_of_rule(nested, voice, depth=depth + 1)
