"""The pages on which somebody brings a file in: choose it, look at it, confirm.

Nothing is kept of a file before somebody has seen what would come of its first rows.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from promo.admin.forms import in_words
from promo.admin.visit import project_of, visit
from promo.errors import PromoError
from promo.jobs.admin.outcome import recent_imports
from promo.jobs.models import ActionStatus, AsyncAction, AsyncActionQuerySet
from promo.jobs.rows.mapping import CHOSEN, choose_columns, fillable, remembered
from promo.jobs.rows.mapping import choices as choices_of_columns
from promo.jobs.rows.preview import Preview, preview
from promo.jobs.rows.start import confirm_row_work, discard_draft, draft_row_work
from promo.jobs.rows.work import work_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


def choices(request: HttpRequest) -> dict[str, str]:
    """Return what this person may bring in: the action's type and its name."""
    seen = visit(request)
    works = {kind: work_of(kind) for kind in settings.ROW_WORK}
    return {
        kind: work.title
        for kind, work in works.items()
        if work.title and seen.project and seen.may(work.permission)
    }


class FileForm(forms.Form):
    """Which rows, and the file."""

    kind = forms.ChoiceField(label="What it holds", widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label="CSV file",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
        help_text="UTF-8, commas between cells, headers in the first line.",
    )

    def __init__(self, *args: Any, offered: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = list(offered.items())  # type: ignore[attr-defined]  # a choice field


def choose_file(request: HttpRequest) -> HttpResponseBase:
    """Show the form; after a POST keep the file as a draft and show its preview."""
    kind = request.GET.get("kind", "")
    offered = _offered(request, kind)
    form = FileForm(
        request.POST or None,
        request.FILES or None,
        offered=offered,
        initial=request.GET,
    )
    if request.method == "POST" and form.is_valid():
        try:
            action = _draft(request, **form.cleaned_data)
        except PromoError as refused:
            form.add_error(None, in_words(refused))
        else:
            return redirect("import-preview", action.pk)
    known = _columns(offered)
    recent = recent_imports(_actions(request).whole())
    context = {"form": form, "known": known, "panel": recent}
    return _page(request, "admin/import_file.html", context)


def _columns(offered: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what each file may hold, and the names of the columns it knows."""
    found = ((title, work_of(kind).columns) for kind, title in offered.items())
    return [(title, ", ".join(known.fields)) for title, known in found if known]


def _draft(request: HttpRequest, kind: str, file: "UploadedFile[Any]") -> AsyncAction:
    return draft_row_work(
        project=project_of(request),
        kind=kind,
        chunks=file.chunks(),
        arguments=_arguments(request, kind) | _last_time(request, kind),
        now=visit(request).now,
    )


def _last_time(request: HttpRequest, kind: str) -> dict[str, Any]:
    """Return what columns of such files filled the last time, if that was chosen."""
    known = remembered(project_of(request), kind)
    return {CHOSEN: known} if known else {}


def _offered(request: HttpRequest, kind: str) -> dict[str, str]:
    """Return the kinds to choose from; one that needs an argument comes by a link."""
    may = choices(request)
    if not may:
        raise PermissionDenied
    if kind in may:
        return {kind: may[kind]}
    return {k: title for k, title in may.items() if not work_of(k).argument_names}


def _arguments(request: HttpRequest, kind: str) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in work_of(kind).argument_names}


def show_preview(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Show the first rows of a draft, and what would come of each.

    A POST says what its columns fill.
    """
    action = _action(request, reference)
    if action.status != ActionStatus.DRAFT:
        return HttpResponseRedirect(_page_of(action))
    if request.method == "POST":
        return _map(request, action)
    found: Preview | None = None
    refusal = ""
    try:
        found = preview(action, now=visit(request).now)
    except PromoError as refused:
        refusal = in_words(refused)
    context = {"action": action, "found": found, "refusal": refusal}
    context |= {"what": work_of(action.type).title, **_columns_of(action)}
    return _page(request, "admin/import_preview.html", context)


def _map(request: HttpRequest, action: AsyncAction) -> HttpResponseBase:
    """Have columns fill what was chosen for them; then show the preview anew."""
    known = choices_of_columns(action)
    chosen = {
        one.title: wanted
        for place, one in enumerate(known)
        if (wanted := request.POST.get(f"column-{place}"))
    }
    try:
        choose_columns(action, chosen, now=visit(request).now)
    except PromoError as refused:
        messages.error(request, in_words(refused))
    return redirect("import-preview", action.pk)


def _columns_of(action: AsyncAction) -> dict[str, Any]:
    """Return the columns of a file and what each may fill; none of one unreadable."""
    try:
        shown = choices_of_columns(action)
    except PromoError:
        shown = []
    return {"choices": shown, "fillable": fillable(action.type)}


@require_POST
def confirm(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Begin what a draft asks for, or forget it."""
    action = _action(request, reference)
    if "discard" in request.POST:
        discard_draft(action)
        return redirect("imports")
    if action.status == ActionStatus.DRAFT:
        confirm_row_work(action, now=visit(request).now)
    return HttpResponseRedirect(_page_of(action))


def _action(request: HttpRequest, reference: str) -> AsyncAction:
    found = _actions(request).filter(pk=reference).first()
    if found is None:
        raise Http404
    return found


def _actions(request: HttpRequest) -> AsyncActionQuerySet:
    """Return the imports of the project that this person may begin."""
    may = choices(request)
    if not may:
        raise PermissionDenied
    return AsyncAction.objects.filter(project=project_of(request), type__in=list(may))


def _page_of(action: AsyncAction) -> str:
    return reverse("admin:jobs_asyncaction_change", args=[quote(action.pk)])


def _page(
    request: HttpRequest, template: str, context: Mapping[str, Any]
) -> HttpResponseBase:
    shared = {**admin.site.each_context(request), "title": "Import"}
    return TemplateResponse(request, template, {**shared, **context})
