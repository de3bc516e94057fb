"""The page that changes many codes at once: those ticked, or all that a list shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.admin.code_list import search_of, words_of
from campaigns.admin.schedule import MomentField
from campaigns.models import Category
from campaigns.services.code_changes import PORTION_TO_DELETE, Change, start_change
from campaigns.services.code_search import CodeSearch, count_up_to
from promo.admin.forms import in_words
from promo.admin.visit import Visit, project_of, visit
from promo.clock import isoformat
from promo.errors import InvalidQueryParams, PromoError
from promo.jobs.actions import run_step
from promo.tenancy.models import Project

COUNTED = 10_000
SHOWN = 8
#: More codes than these have to be confirmed.
UNASKED = 50

CHOICES: Mapping[str, str] = {
    Change.ENABLE: "Enable",
    Change.DISABLE: "Disable",
    Change.EXPIRE: "Change when they expire",
    Change.CATEGORY: "Put into a category",
    Change.METADATA: "Add to their metadata",
    Change.DELETE: "Delete, into the bin",
}
_DONE_WITH = {"delete": "vouchers.delete"}


@dataclass(frozen=True, slots=True)
class Found:
    """Codes that a search finds: how many, in words, and the first of them."""

    search: CodeSearch
    count: int
    how_many: str
    words: str
    examples: list[str]

    @property
    def asks(self) -> bool:
        """Whether so many have to be confirmed."""
        return self.count > UNASKED


class ChangeForm(forms.Form):
    """What to do, and the value that it takes."""

    change = forms.ChoiceField(label="What to do", widget=UnfoldAdminSelectWidget)
    expiration_date = MomentField(
        label="New end",
        at=time(23, 59, 59),
        help_text="Without a time: at the end of the day. Empty: they never expire.",
    )
    category = forms.ModelChoiceField(
        queryset=Category.objects.none(),
        required=False,
        empty_label="No category",
        widget=UnfoldAdminSelectWidget,
    )
    metadata = forms.JSONField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text='As JSON, {"shop": "Paris"}. Other keys of a code stay.',
    )
    sure = forms.BooleanField(
        label="Yes, all of them",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(
        self, *args: Any, project: Project, seen: Visit, asks: bool, **named: Any
    ) -> None:
        super().__init__(*args, **named)
        self.asks = asks
        self.fields["change"].choices = [  # type: ignore[attr-defined]  # a choice
            (name, label)
            for name, label in CHOICES.items()
            if seen.may(_DONE_WITH.get(name, "vouchers.modify"))
        ]
        rows = project.categories.order_by("name")
        self.fields["category"].queryset = rows  # type: ignore[attr-defined]  # a choice

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.asks and not values.get("sure"):
            self.add_error("sure", "Confirm that you mean all of these codes.")
        if values.get("change") == Change.METADATA and "metadata" in values:
            sent = values["metadata"]
            if not isinstance(sent, dict) or not sent:
                self.add_error("metadata", 'Name a key and a value: {"shop": "Paris"}.')
        return values

    @property
    def value(self) -> Any:
        """What the service takes for the change."""
        values = self.cleaned_data
        if values["change"] == Change.EXPIRE:
            end = values["expiration_date"]
            return isoformat(end) if end else None
        if values["change"] == Change.CATEGORY:
            return values["category"].pk if values["category"] else None
        return values["metadata"] if values["change"] == Change.METADATA else None


def change_codes(request: HttpRequest) -> HttpResponseBase:
    """Show the form for the codes that the query names; after a POST, do it."""
    seen = visit(request)
    if seen.project is None or not seen.may("vouchers.modify"):
        raise PermissionDenied
    project = project_of(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Change codes",
        "list_address": _list_address(request),
    }
    try:
        found = found_codes(request.GET, project, seen)
    except InvalidQueryParams as refused:
        context["refusal"] = f"This search is not understood: {refused.details}."
        return TemplateResponse(request, "admin/change_codes.html", context, status=400)
    data = request.POST if request.method == "POST" else None
    form = ChangeForm(data, project=project, seen=seen, asks=found.asks)
    if data is not None and found.count and form.is_valid():
        done = _start(request, form, found, project)
        if done is not None:
            return done
    context |= {"form": form, "found": found}
    return TemplateResponse(request, "admin/change_codes.html", context)


def found_codes(query: Mapping[str, str], project: Project, seen: Visit) -> Found:
    """Return the codes that a query of the list names.

    Raises:
        InvalidQueryParams: it is not understood.
    """
    search = search_of(query)
    rows = search.rows(project, seen.now)
    count = count_up_to(rows, COUNTED + 1)
    many = "more than 10,000 codes" if count > COUNTED else f"{count:,} codes"
    first = rows.order_by("code_key") if search.start else rows
    return Found(
        search,
        count,
        "1 code" if count == 1 else many,
        words_of(search, project),
        [one.code for one in first[:SHOWN]],
    )


def _start(
    request: HttpRequest, form: ChangeForm, found: Found, project: Project
) -> HttpResponseBase | None:
    now = visit(request).now
    try:
        action = start_change(
            project=project,
            search=found.search,
            change=Change(form.cleaned_data["change"]),
            value=form.value,
            now=now,
        )
    except PromoError as refused:
        form.add_error(None, in_words(refused))
        return None
    if found.count < PORTION_TO_DELETE:
        # So few are done before the page is read; a worker would find nothing left.
        run_step(action.pk, now=now)
    page = reverse("admin:jobs_asyncaction_change", args=[quote(action.pk)])
    return HttpResponseRedirect(page)


def _list_address(request: HttpRequest) -> str:
    address = reverse("admin:campaigns_voucher_changelist")
    query = request.GET.urlencode()
    return f"{address}?{query}" if query and "ids" not in request.GET else address
