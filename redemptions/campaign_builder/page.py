"""What a page of the builder shows."""

from secrets import SystemRandom
from typing import Any

from django.http import HttpRequest

from campaigns.admin.discount import CONDITIONS
from campaigns.engine.codes import parse_code_config
from campaigns.models.voucher import code_key
from campaigns.services.codes import check_space
from promo.admin.forms import in_words
from promo.admin.visit import visit
from promo.errors import PromoError
from redemptions.admin.backtest import BOUNDS, may_backtest
from redemptions.campaign_builder.backtest import backtest_of
from redemptions.campaign_builder.draft import Draft
from redemptions.campaign_builder.example import example_of, example_rows
from redemptions.campaign_builder.form import GENERIC, KINDS, BuilderForm
from redemptions.campaign_builder.review import (
    at_most,
    in_one,
    missing,
    summaries,
    warnings,
)
from redemptions.campaign_builder.steps import CODES, KIND, REVIEW, WHO, Step
from redemptions.rehearsal.cart_items import offered_items
from redemptions.services.backtest import can_be_backtested

Json = dict[str, Any]
_SAMPLES = 3
_BESIDE = {KIND, REVIEW}


def step_context(
    request: HttpRequest, draft: Draft, here: Step, *, tried: bool
) -> Json:
    """Return what the page of a step shows; errors only once it has been ``tried``."""
    form = draft.form(request)
    wrong = missing(draft, form)
    said = summaries(draft, form, draft.project.currency)
    context: Json = {
        "form": form,
        "step": here,
        "steps": [
            {
                "name": one.name,
                "title": one.title,
                "said": said[one.name],
                "is_here": one.name == here.name,
                "is_missing": one.name in wrong,
            }
            for one in draft.steps
        ],
        "whole": in_one(said),
        "shown": [_field(form, name, tried=tried) for name in here.fields],
        "kinds": [(name, kind[2], kind[3]) for name, kind in KINDS.items()],
        "what": draft.what,
        "zone": draft.project.timezone,
        "currency": draft.project.currency,
        "example_rows": example_rows(draft),
        "example_customer": draft.text("example_customer"),
        "items": offered_items(draft.project) if here.name not in _BESIDE else [],
        "kind": form["kind"].value(),
        "tried": tried,
    }
    if here.name == WHO:
        context |= _rules(draft)
    if here.name == CODES:
        context |= code_preview(draft, form)
    if here.name == REVIEW:
        context |= _review(request, draft, form, wrong)
    return context


def live_context(request: HttpRequest, draft: Draft, here: Step) -> Json:
    """Return what changes on a page while somebody types."""
    form = draft.form(request)
    context: Json = {"step": here, "currency": draft.project.currency}
    if request.POST.get("do") == "example":
        context["example"] = example_of(request, draft, visit(request).now)
        return context
    if request.POST.get("do") == "backtest":
        return context | BOUNDS | {"backtest": backtest_of(request, draft)}
    if here.name == WHO:
        context |= _rules(draft)
    if here.name == CODES:
        form.is_valid()
        context |= code_preview(draft, form)
    context["said"] = context.get("said", {})
    said = summaries(draft, form, draft.project.currency)
    context |= {"step_said": said[here.name], "whole": in_one(said)}
    return context


def _field(form: BuilderForm, name: str, *, tried: bool) -> Json:
    field = form[name]
    if not tried:
        # Nobody has been asked yet, so that nothing is wrong yet either.
        form.errors.pop(name, None)
    return {
        "field": field,
        "name": name,
        "errors": field.errors if tried else [],
        "condition": CONDITIONS.get(name, ""),
        "is_money": type(field.field).__name__ == "MoneyField",
    }


def _rules(draft: Draft) -> Json:
    building = draft.building
    return {
        **building.on_page(building.problems()),
        "limited": draft.limited.shown(draft.project),
        "message": draft.message,
        "marks": {},
    }


def code_preview(draft: Draft, form: BuilderForm) -> Json:
    """Return codes as they would look, or why they cannot be made."""
    project = draft.project
    if draft.what == GENERIC:
        code = draft.text("code").strip()
        key = code_key(project, code)
        taken = bool(code) and project.vouchers.filter(code_key=key).exists()
        said = f"{code} is taken by another voucher." if taken else ""
        return {"samples": [], "code_problem": said, "room": ""}
    pattern = draft.text("pattern").strip()
    count = form.cleaned_data.get("vouchers_count") or 1
    try:
        config = parse_code_config({"pattern": pattern} if pattern else None)
        check_space(project, config, count)
    except PromoError as refused:
        return {"samples": [], "code_problem": in_words(refused), "room": ""}
    space = config.space(case_sensitive=project.case_sensitive_codes)
    return {
        "samples": config.draw(_SAMPLES, SystemRandom()),
        "code_problem": "",
        "room": f"{space:,} different codes fit this pattern.",
    }


def _review(
    request: HttpRequest, draft: Draft, form: BuilderForm, wrong: dict[str, list[str]]
) -> Json:
    titles = {step.name: step.title for step in draft.steps}
    gaps = [(titles[name], name, texts) for name, texts in wrong.items()]
    if gaps:
        return {"gaps": gaps}
    values = form.cleaned_data
    return {
        "gaps": [],
        "sentence": in_one(summaries(draft, form, draft.project.currency)),
        "warnings": warnings(draft, values, visit(request).now),
        "can_backtest": may_backtest(request)
        and can_be_backtested(values["campaign_type"]),
        "at_most": at_most(values, draft.what, draft.project.currency),
    }
