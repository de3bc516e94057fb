"""The whole campaign in plain language, what is missing, and what to think of twice."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from campaigns.admin.discount import NAMES as OFFERED
from campaigns.admin.discount import in_words as discount_in_words
from campaigns.admin.schedule import period_in_words, weekdays_in_words
from campaigns.engine.campaign_warnings import Planned, warnings_about
from campaigns.models import PoolType
from promo.admin.presentation import money
from promo.tenancy.models import Project
from redemptions.campaign_builder.draft import Draft
from redemptions.campaign_builder.form import (
    CART,
    GENERIC,
    GIFT,
    KINDS,
    LOYALTY,
    BuilderForm,
    is_discount,
)
from redemptions.campaign_builder.steps import (
    CODES,
    KIND,
    LIMITS,
    OFFER,
    REVIEW,
    SCHEDULE,
    WHO,
)

Json = dict[str, Any]
_NAMED = 3
_MOST_OFF = {"AMOUNT": "amount_off", "PERCENT": "amount_limit"}
_INCOMPLETE = "Some conditions are not complete."
_TAKEN = "There is a campaign of this name, or there was one that is in the bin."


def summaries(draft: Draft, form: BuilderForm, currency: str) -> dict[str, str]:
    """Return what each step comes to, in a few words; empty where nothing is said."""
    form.is_valid()
    values = form.cleaned_data
    kind = KINDS.get(draft.what)
    said = {
        KIND: ": ".join(part for part in (kind[2] if kind else "", draft.name) if part),
        OFFER: "" if _is_open(form) else _gives(draft.what, values, currency),
        WHO: _who(draft),
        LIMITS: _limits(draft.what, values, currency),
        CODES: _codes(draft.what, values),
        SCHEDULE: _when(values),
        REVIEW: "",
    }
    return {step.name: said[step.name] for step in draft.steps}


def in_one(said: Mapping[str, str]) -> str:
    """Return the whole campaign in a few sentences."""
    parts = [said[name] for name in said if name != KIND and said[name]]
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts)


def _is_open(form: BuilderForm) -> bool:
    """Say whether the offer is not complete, so that it cannot be told."""
    return any(name in form.errors for name in (*OFFERED, "credits", "points"))


def missing(draft: Draft, form: BuilderForm) -> dict[str, list[str]]:
    """Return what keeps a draft from being published, by the step that it is on."""
    found: dict[str, list[str]] = {}
    for step in draft.steps:
        texts = [
            f"{form[name].label}: {' '.join(map(str, form.errors[name]))}"
            for name in step.fields
            if name in form.errors
        ]
        if texts:
            found[step.name] = texts
    if draft.building.problems():
        found[WHO] = [_INCOMPLETE]
    if draft.name and draft.project.campaigns.filter(name=draft.name).exists():
        found.setdefault(KIND, []).append(_TAKEN)
    return {step.name: found[step.name] for step in draft.steps if step.name in found}


def warnings(draft: Draft, values: Json, now: datetime) -> tuple[str, ...]:
    """Return the slips in a draft whose fields are right."""
    what, discount = draft.what, values.get("discount") or {}
    if not is_discount(what):
        discount = {}
    others = _overlapping(draft.project, values, now)
    limits = ("per_day", "total_uses", "budget")
    return warnings_about(
        Planned(
            now=now,
            starts=values.get("start_date"),
            ends=values.get("expiration_date"),
            needs_code=what != CART,
            is_card=what in {GIFT, LOYALTY},
            has_rule=bool(draft.building.tree.root.members),
            has_limit=any(values.get(name) is not None for name in limits),
            codes=1 if what == GENERIC else values.get("vouchers_count") or 0,
            is_generic=values.get("codes") == PoolType.STANDALONE,
            uses_of_each=values.get("quantity"),
            percent_off=_percent(discount),
            has_cap="amount_limit" in discount,
            takes_amount=discount.get("type") == "AMOUNT",
            overlapping=others[:_NAMED],
            hidden=max(0, len(others) - _NAMED),
            stacks=draft.project.stacking["redeemables_limit"] > 1,
        )
    )


def at_most(values: Json, what: str, currency: str) -> str:
    """Say what the campaign can cost, where its own limits bound it."""
    bounds = [values["budget"]] if values.get("budget") is not None else []
    each = _each(values, what)
    uses = _uses(values, what)
    if each is not None and uses is not None:
        bounds.append(each * uses)
    return money(min(bounds), currency) if bounds else ""


def _each(values: Json, what: str) -> int | None:
    """Return the most that one use takes off, in minor units."""
    if what == GIFT:
        return values.get("credits")
    discount: Mapping[str, Any] = values.get("discount") or {}
    if not is_discount(what) or discount.get("effect") == "APPLY_TO_ITEMS_BY_QUANTITY":
        return None
    if discount.get("effect") == "APPLY_TO_ITEMS" and discount["type"] != "PERCENT":
        return None
    name = {"AMOUNT": "amount_off", "PERCENT": "amount_limit"}.get(
        discount.get("type", "")
    )
    return discount.get(name) if name else None


def _uses(values: Json, what: str) -> int | None:
    counts = [values["total_uses"]] if values.get("total_uses") is not None else []
    codes = 1 if what == GENERIC else values.get("vouchers_count")
    if what == GIFT and codes:
        # A card pays until its credit is gone, in one use or in many.
        return int(codes)
    if what != CART and codes and values.get("quantity"):
        counts.append(codes * values["quantity"])
    return min(counts) if counts else None


def _gives(what: str, values: Json, currency: str) -> str:
    if what == GIFT:
        amount = values.get("credits")
        return f"{money(amount, currency)} of credit on each card" if amount else ""
    if what == LOYALTY:
        points = values.get("points")
        return "" if points is None else f"{points:,} points on each card"
    return discount_in_words(values.get("discount"), currency) if what else ""


def _who(draft: Draft) -> str:
    problems = draft.building.problems()
    said = draft.building.sentence(problems, draft.building.voice())
    listed = draft.limited.shown(draft.project)
    only = ", ".join(chip.name for chip in listed["only"])
    never = ", ".join(chip.name for chip in listed["not"])
    parts = [
        said,
        f"Only for {only}." if only else "",
        f"Not for {never}." if never else "",
    ]
    return " ".join(part for part in parts if part)


def _limits(what: str, values: Json, currency: str) -> str:
    counts = (
        ("quantity", "the code {} times" if what == GENERIC else "each code {} times"),
        ("per_customer", "{} times for each customer"),
        ("per_day", "{} times a day"),
        ("total_uses", "{} times altogether"),
    )
    parts = [
        text.format(f"{values[name]:,}").replace("1 times", "once")
        if values[name] == 1
        else text.format(f"{values[name]:,}")
        for name, text in counts
        if values.get(name) is not None and not (name == "quantity" and what == CART)
    ]
    if values.get("budget") is not None:
        parts.append(f"a budget of {money(values['budget'], currency)}")
    if not parts:
        return "No limit"
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}"


def _codes(what: str, values: Json) -> str:
    if what == GENERIC:
        return values.get("code") or "One random code"
    count = values.get("vouchers_count")
    pattern = values.get("pattern")
    like = f" like {pattern}" if pattern else ""
    return f"{count:,} codes{like}" if count else "No codes yet"


def _when(values: Json) -> str:
    said = period_in_words(values.get("start_date"), values.get("expiration_date"))
    if values.get("weekdays"):
        said += f", only on {weekdays_in_words(values['weekdays'])}"
    start, until = values.get("hours_from"), values.get("hours_until")
    if start:
        said += (
            f", from {start:%H:%M} to {until:%H:%M}"
            if until
            else f", from {start:%H:%M}"
        )
    return said


def _percent(discount: Mapping[str, Any]) -> Decimal | None:
    value = discount.get("percent_off")
    return value if discount.get("type") == "PERCENT" else None


def _overlapping(project: Project, values: Json, now: datetime) -> list[str]:
    """Return the names of campaigns that run in the same time, the newest first."""
    start, end = values.get("start_date") or now, values.get("expiration_date")
    rows = project.campaigns.alive().filter(
        Q(expiration_date=None) | Q(expiration_date__gte=max(start, now)), active=True
    )
    if end is not None:
        rows = rows.filter(Q(start_date=None) | Q(start_date__lte=end))
    return list(rows.order_by("-created_at").values_list("name", flat=True)[:50])
