"""The page on which somebody tries offers on a cart, without using anything up."""

import json
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, localtime

from promo.admin.forms import in_words
from promo.admin.presentation import money
from promo.admin.visit import project_of, visit
from promo.errors import PromoError
from promo.tenancy.models import Project
from redemptions.admin.cart import Cart, cart_of
from redemptions.admin.redemption_filters import outcome_of
from redemptions.admin.voice import voice_for
from redemptions.engine.decision import Decision
from redemptions.engine.explanation import trace_of
from redemptions.engine.order_rendering import order_as_json
from redemptions.engine.story import ToldOffer, tell_decision
from redemptions.models import Redemption
from redemptions.rehearsal.again import filled_from
from redemptions.rehearsal.arithmetic import arithmetic_of
from redemptions.rehearsal.cart_items import offered_items
from redemptions.rehearsal.form import TryItForm
from redemptions.rehearsal.offers import what_applies
from redemptions.services.rehearse import rehearse

Json = dict[str, Any]
_NO_CART = Cart([], [])


def try_it(request: HttpRequest) -> HttpResponseBase:
    """Show the form, filled from the query; after a POST also what was decided."""
    seen = visit(request)
    if seen.project is None or not seen.may("campaigns.read"):
        raise PermissionDenied
    project = project_of(request)
    again = _decided_before(request, project)
    data: Any = request.POST if request.method == "POST" else None
    initial = _initial(request, again)
    if data is None and again is not None:
        data = initial
    form = TryItForm(data, project=project, initial=initial)
    result = decided(form, project, seen.now) if data is not None else None
    context = {
        **admin.site.each_context(request),
        "title": "Try it",
        "form": form,
        "items": offered_items(project),
        "result": result,
        "again": _told_before(again) if again else None,
    }
    return TemplateResponse(request, "admin/try_it.html", context)


def _decided_before(request: HttpRequest, project: Project) -> Redemption | None:
    """Return the redemption of the log that is to be decided again, if one is."""
    named = request.GET.get("redemption", "")
    if not named or request.method == "POST":
        return None
    if not visit(request).may("redemptions.read"):
        raise PermissionDenied
    rows = project.redemptions.redemptions().by_reference(named)
    found = rows.select_related("parent").first()
    if found is None:
        msg = "No such redemption"
        raise Http404(msg)
    return found


def _told_before(row: Redemption) -> Json:
    page = reverse("admin:redemptions_redemption_change", args=(quote(row.pk),))
    return {"title": str(row), "link": page, "outcome": outcome_of(row)}


def _initial(request: HttpRequest, again: Redemption | None) -> Json:
    """Return what a link from another page filled in."""
    query = request.GET
    at = parse_datetime(query.get("at", "").replace(" ", "+"))
    # The moment of a redemption is exact; what starts or ends in its minute matters.
    moment = "%Y-%m-%dT%H:%M:%S" if again is not None else "%Y-%m-%dT%H:%M"
    named = filled_from(again) if again is not None else {}
    return {
        "codes": "\n".join(query.getlist("code")),
        "tiers": query.getlist("tier"),
        "customer": query.get("customer", ""),
        "amount": query.get("amount", ""),
        "at": localtime(at).strftime(moment) if at and is_aware(at) else None,
        **named,
    }


def decided(form: TryItForm, project: Project, now: datetime) -> Json | None:
    """Return what is shown of a decision; None when the form has errors."""
    if not form.is_valid() or form.checkout is None:
        return None
    now = form.cleaned_data["at"] or now
    try:
        if form.asks_what_applies:
            return {
                **what_applies(project, form.checkout, now),
                "who": form.cleaned_data["customer"] or "a guest",
                "now": now,
                "zone": project.timezone,
            }
        validation = rehearse(project=project, request=form.checkout, now=now)
    except PromoError as refused:
        form.add_error(None, in_words(refused))
        return None
    decision = validation.decision
    shown = order_as_json(decision.order) if decision.order else None
    cart = cart_of(shown, project.currency) or _NO_CART
    trace = trace_of(decision)
    told = tell_decision(trace, voice_for(project, trace, cart))
    return {
        **_headline(decision, told, project.currency),
        "who": _who(decision),
        "now": now,
        "zone": project.timezone,
        "arithmetic": arithmetic_of(decision, cart, project.currency),
        "told": told,
        "as_request": json.dumps(form.body, indent=2, ensure_ascii=False),
    }


def _headline(decision: Decision, told: list[ToldOffer], currency: str) -> Json:
    """Return the outcome in a few words, and the sentences that belong to it."""
    if not decision.valid:
        return {
            "accepted": False,
            "headline": _refused(decision),
            "reasons": [one for one in told if one.status != "APPLICABLE"],
        }
    order = decision.order
    if order is None or order.total_amount is None:
        headline = "Accepted. There is no cart to take anything off."
    else:
        before, left = order.initial_amount or 0, order.total_amount
        headline = (
            f"To pay: {money(left, currency)} instead of {money(before, currency)}"
        )
    return {"accepted": True, "headline": headline, "reasons": told}


def _refused(decision: Decision) -> str:
    if decision.is_partial or len(decision.entries) == 1:
        return "Nothing would apply."
    return "Refused: the project applies all of these offers or none."


def _who(decision: Decision) -> str:
    customer = decision.facts.customer
    if customer is None:
        return "a guest"
    name = customer.source_id or customer.id or "a guest"
    return name if customer.id else f"{name}, who is not stored yet"
