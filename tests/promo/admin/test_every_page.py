"""Every page of the dashboard: as nobody, as who may read it, as who may not."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from promo.admin.base import ProjectModelAdmin
from promo.tenancy.permissions import ALL, LIMITABLE
from promo.tenancy.services.people import assign_role
from promo.tenancy.services.roles import create_role
from tests.admin_site import NOW, make_project, sign_in

pytestmark = pytest.mark.django_db

_SCREENS = {
    f"{model._meta.app_label}_{model._meta.model_name}": screen
    for model, screen in admin.site._registry.items()  # noqa: SLF001 - all screens
    if isinstance(screen, ProjectModelAdmin)
}
#: Pages that are no list of a model, and what opens each.
_PAGES = {
    "campaign-builder": "campaigns.create",
    "budgets": "campaigns.read",
    "try-it": "campaigns.read",
    "reports": "redemptions.read",
    "rule-builder": "validation_rules.create",
    "imports": "",
    "system-health": "logs.read",
}
#: Open to whoever is signed in, or to everybody: they lead in, or show one's own.
_FREE = ("account/", "join/", "login/", "logout/", "password_change/", "jsi18n/")
_AN_ID = "proj_" + "0" * 32


def _needed(name: str) -> str:
    if name == "approvals_approvalrequest":
        return "approvals.decide"
    return f"{_SCREENS[name].resource}.{_SCREENS[name].verbs.get('read', 'read')}"


def _holding(permissions: frozenset[str] | set[str], email: str):
    project = make_project()
    role = create_role(
        project=project, now=NOW, name="Theirs", permissions=sorted(permissions)
    )
    return sign_in(project, role.pk, email)


def _addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Return one address of every route below the dashboard."""
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _addresses(each, route)
        elif isinstance(each, URLPattern) and route.startswith("admin/"):
            yield route


def _filled(route: str) -> str:
    parts = [
        _AN_ID if part.startswith("<") else part for part in route.strip("/").split("/")
    ]
    return f"/{'/'.join(parts)}/"


_ROUTES = sorted(
    {
        route
        for route in _addresses()
        if "(?P" not in route and not route.removeprefix("admin/").startswith(_FREE)
    }
)


def test_all_routes_are_seen() -> None:
    assert len(_ROUTES) > 150
    assert len(_SCREENS) > 30


@pytest.mark.parametrize("route", _ROUTES)
def test_nobody_gets_in_without_signing_in(route: str) -> None:
    response = Client().get(_filled(route))

    assert response.status_code in {302, 403, 404, 405}, route
    if response.status_code == 302:
        assert "/admin/" in response["Location"]
    assert b"promo-card" not in response.content


# The bin opens with any of several, which its own tests show.
@pytest.mark.parametrize("name", sorted(_SCREENS.keys() - {"campaigns_binentry"}))
def test_a_list_opens_with_its_permission_alone(name: str) -> None:
    page = reverse(f"admin:{name}_changelist")
    needed = _needed(name)
    allowed = _holding({needed}, "may@example.com")
    # Who may change something may see it too, so all of the resource is left out.
    others = {
        code for code in ALL if code.partition(".")[0] != needed.partition(".")[0]
    }
    denied = _holding(others, "may-not@example.com")

    assert allowed.client.get(page).status_code in {200, 302}
    assert denied.client.get(page).status_code == 403


@pytest.mark.parametrize("name", sorted(_SCREENS))
def test_adding_asks_for_more_than_reading(name: str) -> None:
    reader = _holding(
        {code for code in ALL if code.endswith((".read", ".decide"))},
        "reads@example.com",
    )
    page = reverse(f"admin:{name}_add")

    assert reader.client.get(page).status_code in {302, 403, 404, 405}
    assert reader.client.post(page, {}).status_code in {302, 403, 404, 405}


@pytest.mark.parametrize(("name", "needed"), sorted(_PAGES.items()))
def test_a_page_opens_with_its_permission_alone(name: str, needed: str) -> None:
    page = reverse(name)
    allowed = _holding({needed} if needed else set(ALL), "may@example.com")
    held = ALL - {needed} if needed else {"campaigns.read"}
    denied = _holding(held, "may-not@example.com")

    assert allowed.client.get(page).status_code == 200
    assert denied.client.get(page).status_code in {302, 403}


def test_what_only_makes_a_request_opens_as_far_as_it_is_asked_for() -> None:
    project = make_project()
    role = create_role(
        project=project,
        now=NOW,
        name="Junior",
        permissions=sorted(LIMITABLE),
        limited=LIMITABLE,
    )
    person = sign_in(project, role.pk, "junior@example.com")

    for name in ("campaigns_campaign", "campaigns_voucher", "campaigns_validationrule"):
        assert person.client.get(reverse(f"admin:{name}_add")).status_code == 200
    assert person.client.get(reverse("campaign-builder")).status_code == 200
    assert person.client.get(reverse("rule-builder")).status_code == 200


def test_a_role_in_one_project_opens_nothing_in_another() -> None:
    first, second = make_project("A shop"), make_project("B shop")
    person = sign_in(first, "VIEWER")
    role = create_role(
        project=second, now=NOW, name="Keys", permissions=["api_keys.read"]
    )
    assign_role(user=person.user, project=second, role=role.pk)
    keys = reverse("admin:tenancy_apikey_changelist")

    before = person.client.get(keys).status_code
    person.client.post(reverse("choose-project", args=[second.pk]))

    assert before == 403
    assert person.client.get(keys).status_code == 200
    assert (
        person.client.get(reverse("admin:campaigns_campaign_changelist")).status_code
        == 403
    )
