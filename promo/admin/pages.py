"""Every page of the dashboard, read from the addresses that it answers at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import models
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from promo.tenancy.models import Project

_ROOT = "admin/"
#: What belongs to signing in and to Django's own scripts, and shows no page of ours.
_FRAME = frozenset(
    {"admin:login", "admin:logout", "admin:jsi18n", "admin:password_change"}
    | {"admin:password_change_done", "admin:view_on_site", "admin:autocomplete"}
)

#: How rows belong to a project, the nearest way first.
_WAYS = {"project": "project", "product": "product__project"}


@dataclass(frozen=True, slots=True)
class AdminPage:
    """One address: its route, its name for ``reverse``, what its parameters are.

    ``model`` is the label of the model whose admin has the page, empty for pages of
    their own.
    """

    route: str
    name: str
    parameters: tuple[str, ...]
    model: str = ""

    def address(self, values: Mapping[str, str]) -> str | None:
        """Return the page with ``values`` for its parameters; None if one is missing.

        Values are by parameter; the ``object_id`` of a model goes by the model's label.
        """
        names = {
            name: self.model if name == "object_id" else name
            for name in self.parameters
        }
        if not values.keys() >= set(names.values()):
            return None
        chosen = {name: values[key] for name, key in names.items()}
        try:
            return reverse(self.name, kwargs=chosen)
        except NoReverseMatch:
            return None


def admin_pages() -> list[AdminPage]:
    """Return all pages by route, whether one opens them or only presses a button."""
    labels = {
        f"{model._meta.app_label}_{model._meta.model_name}": model._meta.label
        for model in registered_models()
    }
    pages: dict[str, AdminPage] = {}
    for page in _walk(get_resolver().url_patterns, "", ""):
        prefix = page.name.removeprefix("admin:").split("_")
        label = next(
            (
                labels[key]
                for end in range(len(prefix), 1, -1)
                if (key := "_".join(prefix[:end])) in labels
            ),
            "",
        )
        named = AdminPage(page.route, page.name, page.parameters, label)
        pages.setdefault(page.route, named)
    return [pages[route] for route in sorted(pages)]


def registered_models() -> list[type[models.Model]]:
    """Return the models that have lists and pages of their own."""
    return list(admin.site._registry)  # noqa: SLF001 - Django names no other way


def example_objects(project: Project) -> dict[str, str]:
    """Return an object of the project for each model that has pages.

    By the label of the model, as addresses quote it; a model without any is left out.
    """
    found = {
        model._meta.label: _one_of(model, project) for model in registered_models()
    }
    return {label: quote(one.pk) for label, one in found.items() if one is not None}


def _one_of(model: type[models.Model], project: Project) -> models.Model | None:
    if model is Project:
        return project
    rows = model._default_manager.all()  # noqa: SLF001 - of whatever model
    named = {field.name for field in model._meta.get_fields()}
    for way, lookup in _WAYS.items():
        if way in named:
            return rows.filter(**{lookup: project}).order_by("pk").first()
    return rows.order_by("pk").first()


def _walk(patterns: Sequence[Any], before: str, space: str) -> Iterator[AdminPage]:
    for one in patterns:
        route = before + str(one.pattern)
        if not (route.startswith(_ROOT) or _ROOT.startswith(route)):
            continue
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one.url_patterns, route, inner)
        elif isinstance(one, URLPattern) and one.name:
            name = f"{space}{one.name}"
            if name not in _FRAME and route.startswith(_ROOT):
                parameters = tuple(one.pattern.regex.groupindex)
                yield AdminPage(route, name, parameters)
