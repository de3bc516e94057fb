"""Filters of lists that unfold does not have like this."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import make_aware
from unfold.contrib.filters.admin import RangeDateFilter, RelatedDropdownFilter
from unfold.utils import parse_date_str

from promo.admin.visit import visit


class DayFilter(RangeDateFilter):
    """Moments by days of the project's zone, both days included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self._day("from"), self._day("to")
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": midnight(first)})
        if last:
            after = midnight(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.field_path}__lt": after})
        return queryset

    def _day(self, end: str) -> date | None:
        typed = self.used_parameters.get(f"{self.field_path}_{end}")
        found: date | None = parse_date_str(typed) if typed else None
        return found


class ProjectDropdownFilter(RelatedDropdownFilter):
    """Rows by what they refer to, offering what the chosen project has."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, str]]:
        choices: list[tuple[str, str]] = field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to={"project": visit(request).project},
        )
        return choices


def midnight(day: date) -> datetime:
    """Return when ``day`` begins in the current zone, the project's on pages."""
    return make_aware(datetime.combine(day, time.min))
