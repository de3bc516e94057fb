"""The example beside the builder: a cart, and what the draft would do to it now."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest

from promo.admin.forms import in_words
from promo.admin.presentation import minor_units, money
from promo.errors import PromoError
from promo.tenancy.models import Project
from redemptions.admin.cart import Cart, cart_of
from redemptions.admin.voice import voice_for
from redemptions.campaign_builder.draft import Draft
from redemptions.campaign_builder.form import (
    LOYALTY,
    bound_form,
    campaign_of,
    rule_of,
)
from redemptions.campaign_builder.steps import EXAMPLE_ROWS, OFFER, step_called
from redemptions.engine.explanation import trace_of
from redemptions.engine.order_rendering import order_as_json
from redemptions.engine.story import tell_decision
from redemptions.rehearsal.arithmetic import Arithmetic, arithmetic_of
from redemptions.rehearsal.cart_items import Typed, order_items
from redemptions.rehearsal.named import customer_named
from redemptions.services.rehearse_campaign import rehearse_campaign

Json = dict[str, Any]
_NO_CART = Cart([], [])
_ROWS = (("Example item", "2", "25.00"), ("Another item", "1", "50.00"))
_NO_NAME = "Example"


@dataclass(frozen=True, slots=True)
class Example:
    """What came of the example; ``note`` says why there is nothing to show."""

    headline: str = ""
    accepted: bool = False
    reasons: tuple[str, ...] = ()
    arithmetic: Arithmetic | None = None
    note: str = ""


def example_rows(draft: Draft) -> list[Json]:
    """Return the rows of the example cart, filled with something at first."""
    names = ("item", "quantity", "price")
    touched = any(name.startswith("example_item") for name in draft.fields)
    rows = []
    for row in range(EXAMPLE_ROWS):
        shown: tuple[str, ...] = ("", "", "")
        if touched:
            shown = tuple(draft.text(f"example_{name}_{row}") for name in names)
        elif row < len(_ROWS):
            shown = _ROWS[row]
        rows.append({"row": row, **dict(zip(names, shown, strict=True))})
    return rows


def example_of(request: HttpRequest, draft: Draft, now: datetime) -> Example:
    """Return what the draft would do to its example cart, decided by the engine."""
    values = _values(request, draft)
    typed, refusal = _typed(draft)
    note = _missing(draft, values) or refusal
    if note or values is None:
        return Example(note=note)
    items, unknown = order_items(draft.project, typed)
    if unknown:
        return Example(note=f"Say what “{unknown[0]}” costs.")
    customer = customer_named(draft.project, draft.text("example_customer").strip())
    try:
        validation = rehearse_campaign(
            project=draft.project,
            campaign=campaign_of(values),
            rule=rule_of(
                values, draft.building.tree, draft.applicable_to, draft.message
            ),
            order={"items": items},
            customer=customer or None,
            now=now,
        )
    except PromoError as refused:
        return Example(note=in_words(refused))
    return _came_out(validation.decision, draft.project)


def _missing(draft: Draft, values: Json | None) -> str:
    """Return what has to come before the arithmetic; nothing when all is there."""
    if not draft.what:
        return "Choose a kind first."
    if draft.what == LOYALTY:
        return "Points change no price: rewards are bought with them."
    if values is None:
        return "Say what the offer gives: then its arithmetic shows here."
    if draft.building.problems():
        return "Complete the conditions: then the arithmetic shows here."
    return ""


def _values(request: HttpRequest, draft: Draft) -> Json | None:
    """Return the checked values of the offer, None while it is not complete.

    The limits count as far as they are right; name, codes and dates do not matter.
    """
    offer = step_called(draft.steps, OFFER)
    needed = {"what", *offer.posted}
    fields = {name: texts for name, texts in draft.fields.items() if name in needed}
    form = bound_form(request, {**fields, "name": [_NO_NAME]})
    if not form.is_valid():
        return None
    limits = draft.form(request)
    limits.is_valid()
    names = ("quantity", "per_customer", "per_day", "total_uses", "budget")
    known = {name: limits.cleaned_data.get(name) for name in names}
    return {**form.cleaned_data, **known, "metadata": {}}


def _typed(draft: Draft) -> tuple[list[Typed], str]:
    """Return the rows that somebody filled, or what is wrong with one."""
    found = []
    for row in example_rows(draft):
        item, quantity, price = row["item"].strip(), row["quantity"], row["price"]
        if not item:
            continue
        try:
            count = int(quantity or 1)
            amount = minor_units(Decimal(price)) if price else None
        except (ValueError, InvalidOperation):
            return [], f"“{item}”: quantity and price are numbers."
        if not 0 < count <= 1_000_000 or not 0 <= (amount or 0) <= 10**12:  # noqa: PLR2004 - of one line
            return [], f"“{item}”: quantity and price are too large, or below 0."
        found.append(Typed(item, count, amount))
    return found, "" if found else "Put something into the example cart."


def _came_out(decision: Any, project: Project) -> Example:
    order = decision.order
    shown = order_as_json(order) if order else None
    cart = cart_of(shown, project.currency) or _NO_CART
    trace = trace_of(decision)
    [told] = tell_decision(trace, voice_for(project, trace, cart))
    if not decision.valid or order is None:
        why = told.summary.partition(": ")[2]
        return Example("It would not apply.", reasons=(why[:1].upper() + why[1:],))
    before, left = order.initial_amount or 0, order.total_amount or 0
    return Example(
        f"To pay: {money(left, project.currency)} instead of "
        f"{money(before, project.currency)}",
        accepted=True,
        arithmetic=arithmetic_of(decision, cart, project.currency),
    )
