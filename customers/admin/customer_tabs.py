"""The page of a customer in tabs: what each app knows of a person, read when opened."""

from typing import Any

from django.conf import settings
from django.contrib.admin.utils import quote
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from customers.models import Customer
from promo.admin.panel import Panel
from promo.admin.tabs import Tab, open_to

_FIRST = "profile"


def _nothing(_: HttpRequest, __: Customer) -> list[Panel]:
    """Return no table: the form of the page itself is the profile."""
    return []


_PROFILE = Tab(_FIRST, "Profile", "customers.read", _nothing)


def tab_of(request: HttpRequest, customer: Customer, name: str) -> dict[str, Any]:
    """Return what a tab shows, and all that lead on from it.

    Raises:
        Http404: there is no such tab, or not for this person.
    """
    offered = open_to(request, _tabs())
    chosen = next((tab for tab in offered if tab.name == name), None)
    if chosen is None:
        msg = "No such tab"
        raise Http404(msg)
    page = reverse("admin:customers_customer_change", args=(quote(customer.pk),))
    return {
        "tab": name,
        "tabs": [
            {
                "name": tab.name,
                "title": tab.title,
                "link": tab_address(page, tab.name),
                "fragment": reverse(
                    "admin:customers_customer_tab", args=(quote(customer.pk), tab.name)
                ),
            }
            for tab in offered
        ],
        "panels": chosen.read(request, customer),
    }


def asked_tab(request: HttpRequest) -> str:
    """Return the tab of an address; what cannot be saved shows the profile."""
    asked = request.GET.get("tab", "") if request.method == "GET" else ""
    offered = {tab.name for tab in open_to(request, _tabs())}
    return asked if asked in offered else _FIRST


def tab_address(page: str, name: str) -> str:
    """Return the address of a tab of the page of a customer."""
    return page if name == _FIRST else f"{page}?tab={name}"


def _tabs() -> list[Tab]:
    return [_PROFILE, *(import_string(name) for name in settings.CUSTOMER_TABS)]
