"""Long work: how far it is and what came of it."""

from typing import Any, ClassVar

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.presentation import json_block
from promo.jobs.models import ActionStatus, AsyncAction


@admin.register(AsyncAction)
class AsyncActionAdmin(ProjectModelAdmin):
    """Asynchronous actions of the project, newest first."""

    resource = "async_actions"
    list_display = ["id", "kind", "state", "created_at", "finished_at"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    search_fields = ["type__icontains", "request_id__exact"]
    search_help_text = "Kind of work, or a request id"
    ordering = ["-created_at", "-id"]
    fields = [
        "kind",
        "state",
        "outcome",
        "created_at",
        "finished_at",
        "request_id",
        "asked",
        "came_of_it",
    ]
    readonly_fields = fields

    COLOURS: ClassVar[dict[str, str]] = {
        ActionStatus.ACCEPTED.label: "info",
        ActionStatus.IN_PROGRESS.label: "warning",
        ActionStatus.DONE.label: "success",
        ActionStatus.FAILED.label: "danger",
    }

    @display(description="Work", ordering="type")
    def kind(self, action: AsyncAction) -> str:
        return action.type.replace("_", " ").replace(".", ": ").capitalize()

    @display(description="Status", ordering="status", label=COLOURS)
    def state(self, action: AsyncAction) -> str:
        return ActionStatus(action.status).label

    @display(description="In words")
    def outcome(self, action: AsyncAction) -> str:
        error = action.result.get("error")
        if error:
            return f"{error.get('message')}: {error.get('details') or ''}"
        if action.finished_at is None:
            return "A worker is on it, or will be within half a minute."
        return "Everything was done."

    @display(description="Asked for")
    def asked(self, action: AsyncAction) -> Any:
        return json_block(action.arguments)

    @display(description="Result")
    def came_of_it(self, action: AsyncAction) -> Any:
        return json_block(action.result)
