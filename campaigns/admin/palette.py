"""What the search over everything finds: pages, actions, and things by their names."""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model, Q
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from unfold.dataclasses import SearchResult

from campaigns.models import Campaign, Voucher
from customers.models import Customer
from promo.admin.base import ProjectModelAdmin
from promo.admin.navigation import sidebar
from promo.admin.visit import project_of, visit
from promo.ids import parse_or_none
from promo.tenancy.models import Project

LONGEST = 200
_SHOWN = 5
# One character is the start of too many codes to be meant as one.
_SHORTEST_CODE = 2


def palette(request: HttpRequest) -> HttpResponseBase:
    """Answer what was typed into the search, as the rows beneath it.

    Everything is read anew: what is found in one project is never shown in another.
    """
    term = " ".join(request.GET.get("s", "").replace("\0", "").split())[:LONGEST]
    if not term or visit(request).project is None:
        return HttpResponse()
    found = [*_pages(request, term), *_actions(request, term), *_things(request, term)]
    return render(request, "admin/palette.html", {"found": found, "term": term})


def _pages(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    """Find pages of the menu, as far as the role may see them."""
    for group in sidebar(request):
        for page in group["items"]:
            if _says(page["title"], term):
                about = group["title"] or "Page"
                yield SearchResult(page["title"], about, page["link"], page["icon"])


def _actions(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    """Find what the person may add."""
    for model in apps.get_models():
        if not admin.site.is_registered(model):
            continue
        screen = admin.site.get_model_admin(model)
        title = f"Add {model._meta.verbose_name}"
        if not (isinstance(screen, ProjectModelAdmin) and _says(title, term)):
            continue
        if screen.has_add_permission(request):
            named = f"{model._meta.app_label}_{model._meta.model_name}"
            link = reverse(f"admin:{named}_add")
            yield SearchResult(title, "Action", link, "add")


def _says(title: str, term: str) -> bool:
    said = title.casefold()
    return all(word in said for word in term.casefold().split())


def _things(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    """Find campaigns, codes and customers, each where the role may read them."""
    seen, project = visit(request), project_of(request)
    if seen.may("vouchers.read"):
        for code in _codes(project, term):
            about = f"Code of {code.campaign}" if code.campaign else "Code"
            yield _row(code, code.code, about, "confirmation_number")
    if seen.may("customers.read"):
        for person in _customers(project, term):
            about = person.email or person.source_id
            yield _row(
                person,
                str(person),
                f"Customer {about}" if about != str(person) else "Customer",
                "person",
            )
    if seen.may("campaigns.read"):
        for campaign in _campaigns(project, term):
            yield _row(campaign, campaign.name, "Campaign", "campaign")


def _row(thing: Model, title: str, about: str, icon: str) -> SearchResult:
    named = f"{thing._meta.app_label}_{thing._meta.model_name}"
    link = reverse(f"admin:{named}_change", args=(quote(thing.pk),))
    return SearchResult(title, about, link, icon)


def _codes(project: Project, term: str) -> Iterable[Voucher]:
    """Return the code or id that was typed whole, then a few that start like it."""
    known = project.vouchers.select_related("campaign")
    found = {one.pk: one for one in known.by_reference(term)[:1]}
    if len(term) >= _SHORTEST_CODE:
        # In no order: to sort what starts alike would be to read all of it.
        alike = known.starting_with(project, term).order_by()[:_SHOWN]
        found |= {one.pk: one for one in alike}
    return [*found.values()][:_SHOWN]


def _customers(project: Project, term: str) -> Iterable[Customer]:
    """Return who has this id, then who has this e-mail address or name."""
    alike = project.customers.called(term).order_by()
    found = {one.pk: one for one in project.customers.by_reference(term).order_by()}
    found |= {one.pk: one for one in alike[:_SHOWN]}
    return [*found.values()][:_SHOWN]


def _campaigns(project: Project, term: str) -> Iterable[Campaign]:
    """Return the newest campaigns whose name holds the words, or that have the id."""
    named = Q(name__icontains=term)
    if parse_or_none("camp_", term):
        named = Q(pk=term)
    return project.campaigns.alive().filter(named).order_by("-created_at")[:_SHOWN]
