"""By what the API log is narrowed."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from promo.admin.filters import DayFilter
from promo.admin.visit import project_of, visit
from promo.call_log.call import endpoint_of
from promo.call_log.search import SHOWN, STATUSES, answered, names_calls
from promo.management.commands.list_endpoints import endpoints
from promo.tenancy.models import ApiKey, User

Choices = Iterable[tuple[str, str]]


class RecentDays(DayFilter):
    """Days, both included; without any the last 24 hours, or all for a request id."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self._day("from") or self._day("to"):
            return super().queryset(request, queryset)
        if names_calls(request.GET.get("q", "")):
            return queryset
        return queryset.filter(created_at__gt=visit(request).now - SHOWN)


class Surface(DropdownFilter):
    """The project's calls, or those that manage the whole organisation."""

    title = "keys"
    parameter_name = "surface"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        if not sees_management(request):
            return ()
        return [("", "Of the project"), ("management", "Of the organisation")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "management" and sees_management(request):
            return queryset.filter(project=None)
        return queryset.filter(project=project_of(request))


class StatusClass(DropdownFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            ("2", "Succeeded (2xx)"),
            ("3", "Redirected (3xx)"),
            ("4", "Refused (4xx)"),
            ("5", "Failed (5xx)"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(answered(chosen)) if chosen in STATUSES else queryset


class Channel(TextFilter):
    title = "channel"
    parameter_name = "channel"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = (self.value() or "").strip()
        return queryset.filter(channel__istartswith=wanted) if wanted else queryset


class Endpoint(DropdownFilter):
    title = "endpoint"
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return _endpoint_choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(endpoint=self.value()) if self.value() else queryset


class Key(DropdownFilter):
    """For who may see the project's keys."""

    title = "key"
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        if not visit(request).may("api_keys.read"):
            return ()
        keys = ApiKey.objects.filter(project=project_of(request)).order_by("kind", "pk")
        return [(key.pk, f"{key} ({key.kind})") for key in keys]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        offered = {pk for pk, _ in self.lookup_choices}
        if not self.value() or self.value() not in offered:
            return queryset
        app_id = ApiKey.objects.filter(pk=self.value()).values("app_id")
        return queryset.filter(Q(app_id__in=app_id) | Q(client_app_id__in=app_id))


class Person(DropdownFilter):
    """For who may see the project's people."""

    title = "person"
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        if not visit(request).may("users.read"):
            return ()
        people = User.objects.filter(memberships__project=project_of(request))
        return [(email, email) for email in people.values_list(F("email"), flat=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        offered = {email for email, _ in self.lookup_choices}
        if not self.value() or self.value() not in offered:
            return queryset
        return queryset.filter(user_email=self.value())


@cache
def _endpoint_choices() -> list[tuple[str, str]]:
    names = {
        endpoint_of(one.method, one.path)
        for one in endpoints()
        if "/v1/" in one.path or "/v2/" in one.path
    }
    return [(name, name) for name in sorted(names)]


def sees_management(request: HttpRequest) -> bool:
    """Whether the person runs the installation, and so every organisation in it."""
    person = visit(request).user
    return person is not None and person.is_superuser
