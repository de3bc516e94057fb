"""The inbox of requests: what is asked for, decided on, and said about it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.forms import CommandForm
from promo.admin.keyset import KeysetChangeList
from promo.admin.visit import visit
from promo.approvals import services as service
from promo.approvals.models import ApprovalRequest, RequestStatus

_COLOURS = {
    RequestStatus.PENDING.label: "info",
    RequestStatus.CHANGES_REQUESTED.label: "warning",
    RequestStatus.APPROVED.label: "success",
    RequestStatus.REJECTED.label: "danger",
}
_DECIDING = ("approve", "request_changes", "reject")
_DONE = {
    "approve": "The request is approved, and the change is made.",
    "request_changes": "The request goes back to its author.",
    "reject": "The request is rejected.",
    "ask_again": "The request is sent again.",
    "withdraw": "The request is withdrawn.",
    "comment": "Your comment is there.",
}


class WordsForm(CommandForm):
    text = forms.CharField(
        label="What you say",
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class MayBeWordsForm(CommandForm):
    text = forms.CharField(
        label="Comment",
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(ProjectModelAdmin):
    """Who decides sees all of the project, everybody else their own."""

    resource = "approvals"
    empty_note = (
        "Where a role may do something only with approval, what its people want "
        "to do waits here until somebody decides."
    )
    related = ("author", "decided_by", "project")
    list_display = ["title", "state", "author", "asked_at", "decided_by"]
    list_filter = [("status", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields = ["title__icontains"]
    search_help_text = "What is asked for"
    ordering = ["-created_at", "-id"]
    unlisted: ClassVar = ("payload", "changes")
    readonly_fields = ["title", "state", "author", "asked_at", "decided_by"]
    fieldsets = ((None, {"fields": ("title", "state", "author", "asked_at")}),)
    change_form_outer_after_template = "admin/approval_request.html"
    actions_detail: ClassVar = [
        "approve",
        "request_changes",
        "reject",
        "comment",
        "ask_again",
        "withdraw",
    ]

    approve = command(
        "approve",
        label="Approve",
        question="The change is made at once.",
        permission="view",
        icon="check",
        form_class=MayBeWordsForm,
        variant=ActionVariant.PRIMARY,
    )
    request_changes = command(
        "request_changes",
        label="Request changes",
        question="The author can change it and ask again.",
        permission="view",
        icon="edit_note",
        form_class=WordsForm,
    )
    reject = command(
        "reject",
        label="Reject",
        question="The request is over; say why.",
        permission="view",
        icon="close",
        form_class=WordsForm,
        variant=ActionVariant.DANGER,
    )
    comment = command(
        "comment",
        label="Comment",
        question="Nothing is decided by it.",
        permission="view",
        icon="chat",
        form_class=WordsForm,
    )
    ask_again = command(
        "ask_again",
        label="Send again",
        question="As it is; to ask for something else, use the form again.",
        permission="view",
        icon="send",
        variant=ActionVariant.PRIMARY,
    )
    withdraw = command(
        "withdraw",
        label="Withdraw",
        question="Nobody decides on it any more.",
        permission="view",
        icon="undo",
    )

    def get_changelist(self, request: HttpRequest, **_: Any) -> Any:
        return KeysetChangeList

    def _may(self, request: HttpRequest, verb: str) -> bool:
        seen = visit(request)
        return verb == "read" and seen.project is not None and seen.sees_requests

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalRequest]:
        seen = visit(request)
        rows: QuerySet[ApprovalRequest] = super().get_queryset(request)
        if seen.may("approvals.decide"):
            return rows
        return rows.filter(Q(author=seen.user))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Offer what this person can do with the request as it stands."""
        offered = super().get_actions_detail(request, object_id)
        if not offered:
            return []
        found = self.object_or_404(request, object_id)
        mine = self._can(request, found)
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [one for one in offered if one.action_name.removeprefix(prefix) in mine]

    def _can(self, request: HttpRequest, found: ApprovalRequest) -> set[str]:
        seen = visit(request)
        can = {"comment"}
        if found.author == seen.user and found.is_open:
            can.add("withdraw")
            if found.status == RequestStatus.CHANGES_REQUESTED:
                can.add("ask_again")
        if found.status == RequestStatus.PENDING and service.may_decide(
            found, _decider(request)
        ):
            can.update(_DECIDING)
        return can

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> Any:
        run: Any = getattr(service, name)
        by: Any = _decider(request) if name in _DECIDING else visit(request).user
        after = run(obj, by=by, now=visit(request).now, **values)
        if name == "approve" and after.status != RequestStatus.APPROVED:
            tell(request, "It could not be done any more: the author has to look.")
        else:
            tell(request, _DONE[name])

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        shown = named.get("obj")
        if shown:
            context["asked"] = shown
            context["moved_since"] = service.moved_since(shown)
            context["said"] = shown.comments.select_related("said_by")
        return super().render_change_form(request, context, *args, **named)

    @display(description="Status", label=_COLOURS)
    def state(self, asked: ApprovalRequest) -> str:
        return str(RequestStatus(asked.status).label)


def _decider(request: HttpRequest) -> service.Decider:
    seen = visit(request)
    if seen.user is None:
        msg = "nobody is signed in"
        raise LookupError(msg)
    return service.Decider(seen.user, seen.permissions)
