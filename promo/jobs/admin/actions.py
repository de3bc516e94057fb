"""Long work: how far it is and what came of it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, plain_id
from promo.admin.filters import DayFilter
from promo.admin.presentation import json_block
from promo.admin.visit import visit
from promo.call_log.links import calls_link
from promo.jobs.admin.outcome import (
    bar_of,
    moving_part,
    moving_parts,
    outcome_in_words,
    refused_rows,
)
from promo.jobs.models import ActionStatus, AsyncAction
from promo.jobs.rows.reports import report_path
from promo.jobs.rows.start import (
    can_be_stopped,
    has_failed,
    resume_action,
    retry_action,
    stop_action,
    was_stopped,
)
from promo.jobs.rows.undo import UNDONE, can_be_undone, undo_import
from promo.jobs.rows.work import is_row_work, work_of
from promo.operations import Operations

#: What may be changed by who has work of a kind done; by the first part of its type.
_RESOURCES = {"CAMPAIGN": "campaigns", "SEGMENT": "segments", "SKUS": "products"}


def _permission_of(kind: str) -> str:
    """Return what who has work of this kind done again must be allowed."""
    named = work_of(kind).permission if is_row_work(kind) else ""
    whose = kind.partition(".")[0]
    return named or f"{_RESOURCES.get(whose, whose.lower())}.modify"


@admin.register(AsyncAction)
class AsyncActionAdmin(ProjectModelAdmin):
    """Asynchronous actions of the project, newest first."""

    _SHOWN: ClassVar = ("kind", "state", "outcome", "created_at", "finished_at")
    #: The same on the page of one, where they move while the work goes on.
    _MOVING: ClassVar = (
        "kind",
        "state_now",
        "outcome_now",
        "created_at",
        "finished_at",
    )
    _TOLD: ClassVar = ("id", "call", "asked", "came_of_it")
    resource = "async_actions"
    empty_note = (
        "Imports, the making of codes and other long work are listed here, with "
        "how far each is."
    )
    list_display = ["kind", "state", "outcome", "created_at", "finished_at"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    search_fields = ["type__icontains", "request_id__exact"]
    search_help_text = "Kind of work, its id, or a request id"
    ordering = ["-created_at", "-id"]
    operations = Operations(
        commands={
            "stop": stop_action,
            "resume": resume_action,
            "retry": retry_action,
            "undo": undo_import,
        }
    )
    actions_detail = ("stop", "resume", "retry", "undo", "report")
    change_form_outer_before_template = "admin/job_progress.html"
    fieldsets = (
        (None, {"fields": _MOVING}),
        ("As the API tells of it", {"fields": _TOLD}),
    )
    readonly_fields = (*_MOVING, *_TOLD)

    COLOURS: ClassVar[dict[str, str]] = {
        ActionStatus.ACCEPTED.label: "info",
        ActionStatus.IN_PROGRESS.label: "warning",
        ActionStatus.DONE.label: "success",
        ActionStatus.FAILED.label: "danger",
    }

    stop = command(
        "stop",
        label="Stop",
        question="What was done stays. Work on the rows of a file can go on later.",
        permission="stop",
        icon="stop_circle",
    )
    resume = command(
        "resume",
        label="Go on",
        question="Go on behind the last row that was taken.",
        permission="work",
        icon="play_circle",
    )

    retry = command(
        "retry",
        label="Try again",
        question="It goes on behind the last step that was done.",
        permission="retry",
        icon="replay",
    )

    undo = command(
        "undo",
        label="Take back",
        question="What the import has made is deleted. What was used, given to "
        "somebody or changed since stays, and so does what was there before.",
        permission="undo",
        icon="undo",
        variant=ActionVariant.DANGER,
    )

    @action(description="Report", icon="download", permissions=["work"])
    def report(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Lead to the report of what came of each row."""
        found = self.object_or_404(request, object_id)
        return HttpResponseRedirect(report_path(found) or self.change_address(found))

    def has_work_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may begin, and so end, such work."""
        return self._row_work(request, object_id) is not None

    def has_stop_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may begin, and so end, such work."""
        found = self.get_object(request, plain_id(str(object_id)))
        if found is None or is_row_work(found.type):
            return self.has_work_permission(request, object_id)
        return visit(request).may(_permission_of(found.type))

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may have such work done again."""
        found = self.get_object(request, plain_id(str(object_id)))
        return found is not None and visit(request).may(_permission_of(found.type))

    def has_undo_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may delete what such an import has made."""
        found = self._row_work(request, object_id)
        needed = work_of(found.type).undo_permission if found else ""
        return bool(needed) and visit(request).may(needed)

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> Any:
        if name != "undo":
            return super().run_command(request, name, obj, values)
        return self.change_address(undo_import(obj, now=visit(request).now))

    def is_offered(self, name: str, obj: AsyncAction) -> bool:
        """Whether the command makes sense for the action as it is."""
        if name == "stop":
            return can_be_stopped(obj)
        if name == "retry":
            return has_failed(obj) and UNDONE not in obj.result
        if name == "undo":
            return can_be_undone(obj)
        if name == "resume":
            return (
                was_stopped(obj) and is_row_work(obj.type) and UNDONE not in obj.result
            )
        return bool(report_path(obj))

    def _row_work(self, request: HttpRequest, object_id: Any) -> AsyncAction | None:
        """Return the work on rows behind an address that this person may begin."""
        found = self.get_object(request, plain_id(str(object_id)))
        if found is None or not is_row_work(found.type):
            return None
        permission = work_of(found.type).permission
        return found if permission and visit(request).may(permission) else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[AsyncAction]:
        rows: Any = super().get_queryset(request)
        whole: QuerySet[AsyncAction] = rows.whole()
        return whole

    def get_urls(self) -> list[URLPattern]:
        """Return the routes, that of the moving progress among them."""
        progress = path(
            "<path:object_id>/progress/",
            self.admin_site.admin_view(self.show_progress),
            name="jobs_asyncaction_progress",
        )
        return [progress, *super().get_urls()]

    def show_progress(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Answer the bar and all that the page says of the same moment.

        Where the work has ended, the page is read anew.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.object_or_404(request, object_id)
        context = {"bar": bar_of(found), "moved": moving_parts(found)}
        answer = render(request, "admin/job_moved.html", context)
        if found.finished_at is not None:
            answer["HX-Refresh"] = "true"
        return answer

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> Any:
        shown = context.get("original")
        if shown:
            context |= {"bar": bar_of(shown), "panel": refused_rows(shown)}
        return super().render_change_form(request, context, *args, **named)

    @display(description="Work", ordering="type")
    def kind(self, shown: AsyncAction) -> str:
        return str(shown)

    @display(description="Status", ordering="status", label=COLOURS)
    def state(self, shown: AsyncAction) -> str:
        return ActionStatus(shown.status).label

    @display(description="Outcome")
    def outcome(self, shown: AsyncAction) -> str:
        return outcome_in_words(shown)

    @display(description="Status")
    def state_now(self, shown: AsyncAction) -> Any:
        return moving_part(shown, "state")

    @display(description="Outcome")
    def outcome_now(self, shown: AsyncAction) -> Any:
        return moving_part(shown, "outcome")

    @display(description="Call")
    def call(self, shown: AsyncAction) -> Any:
        return calls_link(shown.request_id)

    @display(description="Asked for")
    def asked(self, shown: AsyncAction) -> Any:
        return json_block(shown.arguments)

    @display(description="Result")
    def came_of_it(self, shown: AsyncAction) -> Any:
        return moving_part(shown, "result")
