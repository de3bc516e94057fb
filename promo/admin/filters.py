"""Filters of lists that unfold does not have like this."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import make_aware
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str


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


def midnight(day: date) -> datetime:
    """Return when ``day`` begins in the current zone, the project's on pages."""
    return make_aware(datetime.combine(day, time.min))
