"""Lists of tables that are too long to be counted: page by page, newest first.

A page begins after the last row of the one before, which an index finds at once; how
many rows or pages there are is not said.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from promo.ids import PrefixedIdField, parse_or_none

_PAGE = "p"


class UncountedPage(Paginator):  # type: ignore[type-arg]  # of whatever rows
    """The rows of one page, and what leads to the next."""

    template_name = "admin/keyset_pagination.html"


class KeysetChangeList(ChangeList):
    """Rows by ``created_at`` and id, newest first; ``older`` and ``newest`` are links.

    ``unlisted`` of the admin names columns that the list does not read. A list in
    another order overrides ``get_ordering``, ``name_of`` and ``after``.
    """

    older = newest = ""
    older_label, newest_label = "Older", "Newest"

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Sequence[str]:
        return ["-created_at", "-id"]

    def get_results(self, request: HttpRequest) -> None:
        rows = self.queryset.defer(*self.model_admin.unlisted)
        after = request.GET.get(_PAGE, "")
        if after:
            rows = self.after(rows, after)
            self.newest = self.get_query_string()
        found = list(rows[: self.list_per_page + 1])
        self.result_list = found[: self.list_per_page]
        if len(found) > self.list_per_page:
            name = self.name_of(self.result_list[-1])
            self.older = self.get_query_string({_PAGE: name})
        self.result_count = len(self.result_list)
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = bool(self.result_list)
        self.can_show_all = self.multi_page = False
        self.paginator = UncountedPage(self.result_list, self.list_per_page)

    def name_of(self, row: Any) -> str:
        """Return what the address calls a row, the last one of a page."""
        return name_by_moment(row)

    def after(self, rows: QuerySet[Any], name: str) -> QuerySet[Any]:
        """Return the rows behind the one called ``name``."""
        return older_than(rows, name)


class IdKeysetChangeList(KeysetChangeList):
    """The same for rows whose ids grow with time: by their id alone, newest first."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Sequence[str]:
        return ["-id"]

    def name_of(self, row: Any) -> str:
        return str(row.pk)

    def after(self, rows: QuerySet[Any], name: str) -> QuerySet[Any]:
        key = self.model._meta.pk
        known = isinstance(key, PrefixedIdField) and parse_or_none(key.prefix, name)
        return rows.filter(pk__lt=name) if known else rows


def name_by_moment(row: Any) -> str:
    """Return what an address calls a row of a list that is newest first."""
    return f"{row.created_at.isoformat()}~{row.pk}"


def older_than(rows: QuerySet[Any], name: str) -> QuerySet[Any]:
    """Return the rows older than the one called ``name``; all if it is none."""
    moment, _, pk = name.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            return rows
        return rows.filter(Q(created_at__lt=at) | Q(pk__lt=pk), created_at__lte=at)
    except (ValidationError, ValueError):
        return rows


class LongList:
    """For the admin of a table that is too long to be counted or sorted anew."""

    unlisted: ClassVar[Sequence[str]] = ()
    sortable_by: ClassVar[Any] = ()
    #: ``IdKeysetChangeList`` where ids alone say what is newest.
    changelist: ClassVar[type[KeysetChangeList]] = KeysetChangeList

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetChangeList]:
        """Return the list that goes page by page."""
        return self.changelist
