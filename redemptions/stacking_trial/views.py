"""Stacking rules before they are saved: what they change, and a cart tried twice."""

import copy
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from campaigns.admin.stacking import categories_of
from campaigns.admin.stacking_form import form_for
from campaigns.engine.stacking_settings import changed_settings
from campaigns.models import StackingRules
from promo.admin.forms import in_words
from promo.admin.visit import Visit, visit
from promo.errors import PromoError
from promo.tenancy.models import Project
from promo.tenancy.stacking import DEFAULTS
from redemptions.rehearsal.form import TryItForm
from redemptions.rehearsal.views import decided
from redemptions.stacking_trial.difference import affected_by, changed_in_words

Json = dict[str, Any]


@require_POST
def try_stacking(request: HttpRequest) -> HttpResponseBase:
    """Answer what the settings of the form would change; nothing is written."""
    seen = visit(request)
    if seen.project is None or not seen.may("stacking_rules.read"):
        raise PermissionDenied
    context = _told(request, seen, seen.project)
    return TemplateResponse(request, "admin/stacking_tried.html", context)


def _told(request: HttpRequest, seen: Visit, project: Project) -> Json:
    categories = categories_of(request)
    form_class = type("Form", (form_for(categories),), {"request": request})
    rules = StackingRules.objects.get(pk=project.pk)
    form = form_class(request.POST, instance=rules)
    if not form.is_valid():
        return {"problem": "First mend what is marked above, or empty it."}
    before = project.stacking
    try:
        after = changed_settings(before, form.settings(), DEFAULTS)
    except PromoError as refused:
        return {"problem": in_words(refused)}
    changed = changed_in_words(form, before, after, categories)
    told: Json = {
        "changed": changed,
        "affected": affected_by(project, before, after, seen.now),
        "tried": [],
    }
    if seen.may("campaigns.read"):
        other = copy.copy(project)
        other.stacking_rules = after
        sides = [("As it is", project), *([("As changed", other)] if changed else [])]
        told |= _tried(request, sides, seen)
    return told


def _tried(request: HttpRequest, sides: list[tuple[str, Project]], seen: Visit) -> Json:
    """Return the cart decided under each set of rules, or what is wrong with it."""
    offers = [text.strip() for text in request.POST.getlist("trial_offer")]
    named = "\n".join(text for text in offers if text)
    if not named:
        return {"hint": "Name an offer or two to see each step of a cart."}
    found: list[Json] = []
    for title, project in sides:
        data = {
            "codes": named,
            "amount": request.POST.get("trial_amount", ""),
            "customer": request.POST.get("trial_customer", ""),
        }
        form = TryItForm(data, project=project)
        result = decided(form, project, seen.now)
        if result is None:
            wrong = [str(text) for texts in form.errors.values() for text in texts]
            return {"hint": " ".join(wrong)}
        found.append({"title": title, **result})
    return {"tried": found}
