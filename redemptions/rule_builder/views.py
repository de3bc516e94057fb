"""The page on which a rule is built, told and tried, and what its parts ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from campaigns.models import ValidationRule
from promo.admin.approval import NeedsApproval, asked, do, page_of
from promo.admin.commands import tell
from promo.admin.forms import in_words
from promo.admin.visit import Visit, visit
from promo.errors import PromoError
from promo.tenancy.models import Project
from redemptions.rule_builder.choices import Found, found_items, found_segments
from redemptions.rule_builder.fields import storable
from redemptions.rule_builder.limits import Limited, limited_from, limited_of
from redemptions.rule_builder.state import Building, Trial, every_set, opened, sent

Json = dict[str, Any]
_CHECK = "check"
_NEEDS_NAME = "Say what the rule is called."
_UNFINISHED = "Some conditions are not complete: see what is marked."
_PICKERS: dict[str, tuple[str, Callable[[Project, str], Found]]] = {
    "items": ("products.read", found_items),
    "segments": ("segments.read", found_segments),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands on the page, and the rule that it is about, None for a new one."""

    rule: ValidationRule | None
    building: Building
    limited: Limited
    name: str = ""
    message: str = ""


def rule_builder(request: HttpRequest, rule_id: str = "") -> HttpResponseBase:
    """Show a new or a stored rule; after a POST what became of it.

    A button changes the tree, a keystroke asks for the sentence and what is wrong,
    saving goes through the services.
    """
    seen = visit(request)
    rule = _rule(seen, unquote(rule_id)) if rule_id else None
    _check_may(seen, rule)
    if request.method != "POST":
        return _page(request, _stored_as_typed(_project(seen), rule))
    data = storable(request.POST)
    typed = Typed(
        rule,
        sent(_project(seen), data),
        limited_from(data),
        data.get("name", "").strip(),
        data.get("message", "").strip(),
    )
    do = data.get("do", "")
    if do == "save":
        return _save(request, typed)
    if request.headers.get("HX-Request"):
        template = "rule_check" if do == _CHECK else "rule_changed"
        context = _context(request, typed)
        return TemplateResponse(request, f"admin/{template}.html", context)
    return _page(request, typed)


@require_GET
def rule_choices_found(request: HttpRequest) -> HttpResponseBase:
    """Return what a picker finds, as buttons that choose."""
    seen = visit(request)
    needed, find = _PICKERS.get(request.GET.get("kind", ""), ("", None))
    if find is None or seen.project is None or not seen.may(needed):
        raise PermissionDenied
    context = {
        "found": find(seen.project, request.GET.get("q", "").replace("\0", "").strip()),
        "leaf": request.GET.get("leaf", ""),
        "at": request.GET.get("at", ""),
        "here": request.GET.get("here", ""),
    }
    return TemplateResponse(request, "admin/rule_choices.html", context)


def _project(seen: Visit) -> Project:
    if seen.project is None:
        raise PermissionDenied
    return seen.project


def _check_may(seen: Visit, rule: ValidationRule | None) -> None:
    needed = "read" if rule else "create"
    if seen.project is None or not seen.may_ask(f"validation_rules.{needed}"):
        raise PermissionDenied


def _rule(seen: Visit, rule_id: str) -> ValidationRule:
    rows = _project(seen).validation_rules.with_assignment_counts()
    found = rows.by_reference(rule_id).first()
    if found is None:
        msg = "No validation rule with this id"
        raise Http404(msg)
    found.project = _project(seen)
    return found


def _stored_as_typed(project: Project, rule: ValidationRule | None) -> Typed:
    """Return what the page shows before anybody touches it."""
    if rule is None:
        return Typed(None, opened(project, {}), Limited())
    message = (rule.error or {}).get("message") or ""
    return Typed(
        rule, opened(project, rule.rules), limited_of(rule), rule.name, message
    )


def _save(request: HttpRequest, typed: Typed) -> HttpResponseBase:
    seen = visit(request)
    if typed.rule and not seen.may_ask("validation_rules.modify"):
        raise PermissionDenied
    refusals = {"name": "" if typed.name else _NEEDS_NAME}
    if typed.building.problems():
        refusals["all"] = _UNFINISHED
    if not any(refusals.values()):
        try:
            stored = _write(request, typed)
        except NeedsApproval as wanted:
            return _asked(request, typed, wanted)
        except PromoError as refused:
            refusals["all"] = in_words(refused)
        else:
            tell(request, f"The rule “{stored.name}” is saved.")
            return HttpResponseRedirect(rule_page(stored.pk))
    return _page(request, typed, refusals)


def rule_page(rule_id: str) -> str:
    """Return where a stored rule is built on."""
    return reverse("rule-builder", args=(quote(rule_id),))


def _asked(
    request: HttpRequest, typed: Typed, wanted: NeedsApproval
) -> HttpResponseBase:
    try:
        return HttpResponseRedirect(page_of(asked(request, wanted)))
    except PromoError as refused:
        return _page(request, typed, {"all": in_words(refused)})


def _write(request: HttpRequest, typed: Typed) -> ValidationRule:
    """Save what has changed; a rule that nobody touched is not written at all."""
    rule, building = typed.rule, typed.building
    error = {"message": typed.message} if typed.message else None
    if rule is None:
        values = {
            "name": typed.name,
            "error": error,
            "rules": building.definition,
            "applicable_to": typed.limited.over(None),
        }
        made: ValidationRule = do(request, "rule.create", values=values)
        return made
    stored = _stored_as_typed(building.project, rule)
    changed: Json = {}
    if typed.name != stored.name:
        changed["name"] = typed.name
    if typed.message != stored.message:
        changed["error"] = error
    if building.definition != stored.building.definition:
        changed["rules"] = building.definition
    if typed.limited != stored.limited:
        changed["applicable_to"] = typed.limited.over(rule.applicable_to)
    return do(request, "rule.update", rule, values=changed) if changed else rule


def _context(request: HttpRequest, typed: Typed) -> Json:
    seen, building = visit(request), typed.building
    problems = building.problems()
    trial = None
    data = storable(request.POST)
    order = data.get("try_order", "").strip()
    customer = data.get("try_customer", "").strip()
    if not problems:
        trial = building.trial(order, customer, seen.now)
    return {
        **building.on_page(problems),
        "trial": trial,
        "marks": _marks(building, trial),
        "currency": building.project.currency,
        "tried": {"order": order, "customer": customer},
        "is_unfinished": bool(problems),
        "limited": typed.limited.shown(building.project),
        "here": request.path,
    }


def _marks(building: Building, trial: Trial | None) -> dict[str, bool | None]:
    """Return of each rule whether it holds, None where it was not tried."""
    found = (trial and trial.marks) or {}
    sets = every_set(building.tree)
    return {leaf.id: found.get(leaf.id) for one in sets for leaf in one.leaves}


def _page(
    request: HttpRequest, typed: Typed, refusals: dict[str, str] | None = None
) -> HttpResponseBase:
    seen, rule = visit(request), typed.rule
    context = {
        **admin.site.each_context(request),
        **_context(request, typed),
        "title": rule.name if rule else "Build a rule",
        "rule": rule,
        "texts": {"name": typed.name, "message": typed.message},
        "refusals": refusals or {},
        "may_save": seen.may_ask(f"validation_rules.{'modify' if rule else 'create'}"),
        "list": reverse("admin:campaigns_validationrule_changelist"),
    }
    return TemplateResponse(request, "admin/rule_builder.html", context)
