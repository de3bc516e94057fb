"""The list of codes: its filters, its pages, and what it searches as plain JSON."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter
from unfold.utils import parse_date_str

from campaigns.admin.state import VoucherStateFilter
from campaigns.models import VoucherType
from campaigns.models.voucher import VOUCHER_PREFIX
from campaigns.services.code_search import USES, CodeSearch
from promo.admin.filters import midnight
from promo.admin.keyset import KeysetChangeList
from promo.errors import InvalidQueryParams
from promo.ids import parse_or_none
from promo.sql_constants import Constant
from promo.tenancy.models import Project

#: What the kinds of codes are called.
KINDS: Mapping[str, str] = {
    VoucherType.DISCOUNT_VOUCHER: "Discount",
    VoucherType.GIFT_VOUCHER: "Gift card",
    VoucherType.LOYALTY_CARD: "Loyalty card",
}
_IDS = {
    "campaign__id__exact": ("campaign", "camp_"),
    "category__id__exact": ("category", "cat_"),
    "holder__id__exact": ("holder", "cust_"),
}
_WORDS = {
    "state": ("state", VoucherStateFilter.states),
    "uses": ("uses", tuple(USES)),
    "kind": ("kind", tuple(KINDS)),
}
_DAYS = {"created_at_from": ("created_from", 0), "created_at_to": ("created_before", 1)}
#: What an address of the list may hold beside what is searched.
_PASSED_OVER = frozenset({"p", "e", "_popup", "_to_field"})


class CodeList(KeysetChangeList):
    """Codes newest first; those that start with what was typed from A to Z."""

    @property
    def older_label(self) -> str:  # type: ignore[override]  # said anew for a search
        return "Next" if self._by_code else "Older"

    @property
    def newest_label(self) -> str:  # type: ignore[override]  # said anew for a search
        return "First" if self._by_code else "Newest"

    @property
    def _by_code(self) -> bool:
        return bool(self.query.strip())

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Sequence[str]:
        """Return the order that an index has: by code where its start is known."""
        typed = request.GET.get("q", "").strip()
        return ["code_key"] if typed else super().get_ordering(request, queryset)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.show_admin_actions = True

    def name_of(self, row: Any) -> str:
        return str(row.code_key) if self._by_code else super().name_of(row)

    def after(self, rows: Any, name: str) -> Any:
        if self._by_code:
            return rows.filter(code_key__gt=name)
        return super().after(rows, name)


class KindFilter(DropdownFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[Any]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = self.value()
        # Written out for the index that has cards alone.
        return queryset.filter(type=Constant(wanted)) if wanted in KINDS else queryset


class UsesFilter(DropdownFilter):
    title = "uses"
    parameter_name = "uses"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[Any]:
        return [(one, one) for one in USES]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = USES.get(str(self.value()))
        return queryset.filter(wanted) if wanted else queryset


def search_of(query: Mapping[str, str]) -> CodeSearch:
    """Return what an address of the list searches.

    Raises:
        InvalidQueryParams: something in it is not understood; nobody should change
            more codes than were shown.
    """
    found: dict[str, Any] = {}
    for name, text in query.items():
        value = text.strip()
        if value and name not in _PASSED_OVER:
            field, read = _read(name, value)
            found[field] = read
    return CodeSearch(**found)


def _read(name: str, value: str) -> tuple[str, Any]:
    if name == "q":
        return "start", value
    if name == "ids":
        ids = tuple(value.split(","))
        if all(parse_or_none(VOUCHER_PREFIX, one) for one in ids):
            return "ids", ids
    if name in _IDS and parse_or_none(_IDS[name][1], value):
        return _IDS[name][0], value
    if name in _WORDS and value in _WORDS[name][1]:
        return _WORDS[name][0], value
    if name in _DAYS:
        field, later = _DAYS[name]
        day = parse_date_str(value)
        if day:
            return field, midnight(day + timedelta(days=later)).isoformat()
    msg = f"{name} cannot be {value}"
    raise InvalidQueryParams(msg)


def words_of(search: CodeSearch, project: Project) -> str:
    """Return what is searched as the rest of a sentence, ``of Spring, unused``.

    One statement for each of campaign, category and holder that is named.
    """
    parts = [
        f"that start with “{search.start}”" if search.start else "",
        _named(project.campaigns, search.campaign, "of the campaign"),
        _named(project.categories, search.category, "in the category"),
        _named(project.customers, search.holder, "held by"),
        f"of the kind {KINDS[search.kind].lower()}" if search.kind else "",
        f"with the status {search.state.lower()}" if search.state else "",
        search.uses.lower(),
        "made on chosen days" if search.created_from or search.created_before else "",
        "that were ticked" if search.ids else "",
    ]
    return ", ".join(part for part in parts if part)


def _named(rows: Any, pk: str, said: str) -> str:
    if not pk:
        return ""
    found = rows.filter(pk=pk).first()
    return f"{said} {found}" if found else f"{said} {pk}"
