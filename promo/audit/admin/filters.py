"""By what the audit log is narrowed."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from promo.admin.visit import project_of, visit
from promo.audit.kinds import kind_in_words, resource_of, watched_tables
from promo.audit.models import Action, ActorKind
from promo.audit.reading import about
from promo.tenancy.models import ApiKey, User

Choices = Iterable[tuple[str, str]]
_SYSTEM = "system"


class About(TextFilter):
    title = "object (its id)"
    parameter_name = "about"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = (self.value() or "").strip()
        return about(queryset, wanted) if wanted else queryset


class Kind(DropdownFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        seen = visit(request)
        names = (
            (table, kind_in_words(table))
            for table in watched_tables()
            if seen.may(f"{resource_of(table)}.read")
        )
        return sorted(names, key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = _chosen(self)
        return queryset.filter(table=chosen) if chosen else queryset


class Done(DropdownFilter):
    title = "what was done"
    parameter_name = "done"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return Action.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = _chosen(self)
        return queryset.filter(action=chosen) if chosen else queryset


class Actor(DropdownFilter):
    """People and keys of the project, for who may see them, and the system."""

    title = "person or key"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        seen, project = visit(request), project_of(request)
        found = [(_SYSTEM, "System")]
        if seen.may("users.read"):
            people = User.objects.filter(memberships__project=project)
            found += people.order_by("email").values_list("pk", "email")[:200]
        elif seen.user:
            found.append((seen.user.pk, seen.user.email))
        if seen.may("api_keys.read"):
            keys = ApiKey.objects.filter(project=project).order_by("name", "pk")
            found += [(str(key.app_id), f"Key {key}") for key in keys[:200]]
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = _chosen(self)
        if not chosen:
            return queryset
        if chosen == _SYSTEM:
            return queryset.filter(actor_id="", actor_kind=ActorKind.SYSTEM)
        return queryset.filter(actor_id=chosen)


def _chosen(one: DropdownFilter) -> str:
    """Return the choice, if it is one that is offered."""
    value = str(one.value() or "")
    return value if value in {str(key) for key, _ in one.lookup_choices} else ""
