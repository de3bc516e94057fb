"""A sheet of labels to print: the codes of a list, each with what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from campaigns.admin.code_list import search_of, words_of
from campaigns.admin.worth import voucher_in_words
from campaigns.engine.code_images import qr_inline
from campaigns.models import Voucher
from campaigns.services.code_search import CodeSearch
from promo.admin.keyset import name_by_moment, older_than
from promo.admin.visit import Visit, project_of, visit
from promo.errors import InvalidQueryParams
from promo.tenancy.models import Project

#: Pages that are laid out at once, each label with a picture that takes its time; the
#: next ones are a link.
PAGES = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """Labels of an A4 page: columns and rows, size and margins in millimetres."""

    name: str
    columns: int
    rows: int
    width: float
    height: float
    top: float
    left: float
    gap: float = 0

    @property
    def count(self) -> int:
        """How many labels a page has."""
        return self.columns * self.rows


LAYOUTS: Mapping[str, Layout] = {
    "3x8": Layout("A4, 3 by 8 (70 x 37 mm)", 3, 8, 70, 37, 0.5, 0),
    "2x7": Layout("A4, 2 by 7 (99.1 x 38.1 mm)", 2, 7, 99.1, 38.1, 15.1, 4.6, 2.5),
    "3x7": Layout("A4, 3 by 7 (63.5 x 38.1 mm)", 3, 7, 63.5, 38.1, 15.1, 7.2, 2.5),
    "2x5": Layout("A4, cards 2 by 5 (85 x 55 mm)", 2, 5, 85, 55, 11, 15, 10),
}
_SHOWN = (("qr", "QR code"), ("offer", "Offer"), ("ends", "Expiry"))
_USUAL = [name for name, _ in _SHOWN]
#: What an address calls the last label of the pages before.
_AFTER = "behind"


class SheetForm(forms.Form):
    """Which labels, and what stands on each beside the code."""

    layout = forms.ChoiceField(
        label="Labels", choices=[(name, one.name) for name, one in LAYOUTS.items()]
    )
    shown = forms.MultipleChoiceField(
        label="Beside the code",
        required=False,
        choices=_SHOWN,
        widget=forms.CheckboxSelectMultiple,
    )


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one label; empty texts are left out."""

    code: str
    qr: str
    offer: str
    ends: str


def print_codes(request: HttpRequest) -> HttpResponseBase:
    """Show the labels of the codes that the query names, ready to be printed."""
    seen = visit(request)
    if seen.project is None or not seen.may("vouchers.read"):
        raise PermissionDenied
    project = project_of(request)
    asked = {"layout": "3x8", "shown": _USUAL}
    if "layout" in request.GET:
        asked = {
            "layout": request.GET["layout"],
            "shown": request.GET.getlist("shown"),
        }
    form = SheetForm(asked)
    context: dict[str, Any] = {"form": form}
    query = {k: str(v) for k, v in request.GET.items() if k not in form.fields}
    after = query.pop(_AFTER, "")
    context["kept"] = query.items()
    try:
        search = search_of(query)
    except InvalidQueryParams as refused:
        context["refusal"] = f"This search is not understood: {refused.details}."
        return TemplateResponse(request, "admin/print_codes.html", context, status=400)
    context["words"] = words_of(search, project)
    if form.is_valid():
        context |= _sheet(form.cleaned_data, search, after, seen)
        if context["behind"]:
            again = request.GET.copy()
            again[_AFTER] = context["behind"]
            context["next"] = f"?{again.urlencode()}"
    return TemplateResponse(request, "admin/print_codes.html", context)


def _sheet(
    chosen: Mapping[str, Any], search: CodeSearch, after: str, seen: Visit
) -> dict[str, Any]:
    """Return the pages behind the label called ``after``, and the last one's name."""
    project = seen.project
    if project is None:
        raise PermissionDenied
    layout = LAYOUTS[chosen["layout"]]
    most = PAGES * layout.count
    found = list(_behind(search, search.rows(project, seen.now), after)[: most + 1])
    taken = found[:most]
    labels = [_label(one, project, set(chosen["shown"])) for one in taken]
    return {
        "layout": layout,
        "pages": [
            labels[first : first + layout.count]
            for first in range(0, len(labels), layout.count)
        ],
        "count": len(labels),
        "behind": _name(search, taken[-1]) if len(found) > most else "",
    }


def _behind(
    search: CodeSearch, rows: QuerySet[Voucher], after: str
) -> QuerySet[Voucher]:
    """Return the rows in the order of the list, those behind ``after`` alone."""
    if search.start:
        behind = rows.filter(code_key__gt=after) if after else rows
        return behind.order_by("code_key")
    return older_than(rows, after).order_by("-created_at", "-id")


def _name(search: CodeSearch, last: Voucher) -> str:
    return last.code_key if search.start else name_by_moment(last)


def _label(voucher: Voucher, project: Project, shown: set[str]) -> Label:
    voucher.project = project
    end = voucher.expiration_date if "ends" in shown else None
    return Label(
        voucher.code,
        qr_inline(voucher.code) if "qr" in shown else "",
        voucher_in_words(voucher) if "offer" in shown else "",
        f"Until {date_format(localtime(end), 'j M Y')}" if end else "",
    )
