"""A backtest as its panel shows it: the figures, the largest orders, the reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse

from promo.admin.presentation import moment, money, percent
from promo.tenancy.models import Project
from redemptions.admin.voice import voice_for
from redemptions.engine.backtest import NOTHING_OFF, Backtest, Hit, Miss, Past
from redemptions.engine.check_sentences import check_in_words
from redemptions.engine.rule_sentences import Voice
from redemptions.engine.rule_wording import asked_in_words
from redemptions.engine.story import RULES, as_sentence, tell_decision
from redemptions.services.backtest import DAYS

Json = Mapping[str, Any]
_LARGEST = 5
_REASONS = 10
#: Checks whose own sentence speaks of one order alone.
_SAID = {
    NOTHING_OFF: "It would have taken nothing off",
    "validity": "Ordered outside its days and hours",
    "quantity": "All uses of its code were taken by earlier orders",
    "bundle": "The order does not hold a complete bundle",
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with a link, when it was made, and what the offer did to it."""

    name: str
    link: str
    at: str
    value: str
    takes: str
    why: str


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason, how many orders it kept away, and the first of them."""

    reason: str
    rule: str
    count: str
    example: str
    link: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows; ``note`` says why there is nothing to show."""

    note: str = ""
    figures: Sequence[tuple[str, str]] = ()
    largest: Sequence[OrderRow] = ()
    reasons: Sequence[ReasonRow] = ()
    hidden: int = 0


def shown_backtest(project: Project, found: Backtest) -> Shown:
    """Return what the panel shows of a backtest; a few statements for names."""
    if not found.orders:
        return Shown(note=f"No order was paid in the last {DAYS} days.")
    largest, misses = found.hits[:_LARGEST], found.misses[:_REASONS]
    traces = [*(hit.trace for hit in largest), *(miss.trace for miss in misses)]
    voice = voice_for(project, traces)
    return Shown(
        figures=_figures(found, project.currency),
        largest=[_order(each, project, voice) for each in largest],
        reasons=[_reason(each, voice) for each in misses],
        hidden=len(found.misses) - len(misses),
    )


def _figures(found: Backtest, currency: str) -> list[tuple[str, str]]:
    count, discount = len(found.hits), found.discount
    average = money(discount // count, currency) if count else "-"
    return [
        (
            "Orders that would have got it",
            f"{count:,} of {found.orders:,} ({_share(count, found.orders)})",
        ),
        ("It would have taken off", money(discount, currency)),
        ("From each of them, on average", average),
        (
            "Share of the revenue",
            f"{_share(discount, found.revenue)} of {money(found.revenue, currency)}",
        ),
    ]


def _share(part: int, whole: int) -> str:
    return percent(round(100 * part / whole, 1)) if whole else "0 %"


def _order(hit: Hit, project: Project, voice: Voice) -> OrderRow:
    return OrderRow(
        hit.past.name,
        _page(hit.past),
        moment(hit.past.at),
        money(hit.value, project.currency),
        money(hit.taken, project.currency),
        _story(hit.trace, voice),
    )


def _reason(miss: Miss, voice: Voice) -> ReasonRow:
    said = _SAID.get(miss.check["check"])
    if miss.check["check"] in RULES:
        said = asked_in_words(miss.rule, voice)
    elif said is None:
        said = check_in_words(miss.check, voice)
    return ReasonRow(
        as_sentence(said),
        miss.held.get("name", ""),
        f"{miss.count:,}",
        miss.past.name,
        _page(miss.past),
        _story(miss.trace, voice),
    )


def _story(trace: Json, voice: Voice) -> str:
    """Return what became of one order, without the offer's name."""
    [told] = tell_decision({"redeemables": [trace]}, voice)
    text = told.summary.removeprefix(told.name).strip()
    return as_sentence(text.removeprefix("applies: ").removeprefix("was refused: "))


def _page(past: Past) -> str:
    return reverse("admin:redemptions_order_change", args=(quote(past.id),))
