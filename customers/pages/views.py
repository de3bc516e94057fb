"""What a person sees who comes by a signed link."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from customers.models import Consent, Customer
from customers.services import unsubscribing as service
from customers.services.confirmation import confirm
from customers.services.consent import choices_of, choose_consents
from customers.services.links import (
    customer_behind,
    pending_behind,
    preference_address,
)
from promo.admin.visit import visit
from promo.errors import PromoError

CHANNEL = "PREFERENCE_CENTER"
_GONE = 404


@dataclass(frozen=True, slots=True)
class Asked:
    """One consent as the page asks for it."""

    consent: Consent
    given: bool


@never_cache
@require_http_methods(["GET", "POST"])
def preference_centre(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what a person agrees to; after a POST, what it is now."""
    customer = customer_behind(token)
    if customer is None:
        return _nowhere(request)
    consents = list(customer.project.consents.select_related("group"))
    if request.method == "POST":
        _choose(request, customer, consents)
        return HttpResponseRedirect(f"{request.path}?saved=1")
    context = {
        "project": customer.project.name,
        "person": customer.name or customer.email,
        "groups": _grouped(consents, choices_of(customer)),
        "saved": "saved" in request.GET,
    }
    return render(request, "person/preferences.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def stop_emails(request: HttpRequest, token: str) -> HttpResponseBase:
    """Stop all e-mails at the POST of a mail program; people are led to the choices.

    The signed address is what shows who asks: mail programs send no cookies.
    """
    customer = customer_behind(token)
    if customer is None:
        return _nowhere(request)
    if request.method == "POST":
        service.stop_emails(customer, now=visit(request).now)
        return HttpResponse("You get no more e-mails.", content_type="text/plain")
    return HttpResponseRedirect(preference_address(customer))


def _choose(request: HttpRequest, customer: Customer, consents: list[Consent]) -> None:
    """Keep the ticks of the form; a consent made meanwhile was not asked for."""
    asked = set(request.POST.getlist("asked"))
    ticked = set() if "none" in request.POST else set(request.POST.getlist("given"))
    choices = {one.pk: one.pk in ticked for one in consents if one.pk in asked}
    if choices:
        now = visit(request).now
        choose_consents(customer, choices, now=now, channel=CHANNEL)


def _grouped(consents: list[Consent], given: dict[str, bool]) -> list[dict[str, Any]]:
    """Return the groups in the order in which they were made, the rest at the end."""
    groups: dict[Any, list[Asked]] = {}
    for one in consents:
        asked = Asked(one, given.get(one.pk, False))
        groups.setdefault(one.group, []).append(asked)
    ordered = sorted(
        groups.items(), key=lambda each: (each[0] is None, getattr(each[0], "pk", ""))
    )
    return [{"group": group, "asked": asked} for group, asked in ordered]


@never_cache
@require_http_methods(["GET", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask to confirm an address; a POST does, so that no robot's look confirms it."""
    pending = pending_behind(token)
    if pending is None:
        return _nowhere(request)
    context: dict[str, Any] = {"project": pending.project.name}
    done = pending.confirmed_at is not None
    if request.method == "POST" and not done:
        try:
            made = confirm(pending, now=visit(request).now)
        except PromoError:
            return _nowhere(request)
        done = True
        context["preferences"] = preference_address(made)
    elif not done and pending.expires_at <= visit(request).now:
        return _nowhere(request)
    return render(request, "person/confirm.html", context | {"done": done})


def _nowhere(request: HttpRequest) -> HttpResponse:
    return render(request, "person/nowhere.html", status=_GONE)
