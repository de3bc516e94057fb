"""Invitations that wait: sent again, withdrawn, their link copied."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminEmailInputWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.forms import ProjectForm
from promo.admin.visit import project_of, visit
from promo.operations import Operations
from promo.tenancy.admin.once import show_once
from promo.tenancy.admin.people import RoleField, role_choices
from promo.tenancy.models import Invitation
from promo.tenancy.services import invitations as service

_WARNING = "Whoever has this link can join with it. Pass it on to the invited alone."


class InvitationForm(ProjectForm):
    email = forms.EmailField(
        label="E-mail address",
        widget=UnfoldAdminEmailInputWidget,
        help_text="A letter with a link goes there; the link sets a password.",
    )
    role = RoleField()

    class Meta:
        model = Invitation
        fields = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["role"].choices = role_choices(self.request)  # type: ignore[attr-defined]  # a choice field
        self.initial.setdefault("role", "USER")


def _withdraw(invitation: Invitation, **_: Any) -> None:
    service.withdraw_invitation(invitation)


@admin.register(Invitation)
class InvitationAdmin(ProjectModelAdmin):
    """Who is invited and has not come yet."""

    resource = "users"
    empty_note = (
        "An invitation is a letter with a link: who opens it chooses a password "
        "and is in the project."
    )
    verbs: ClassVar = {"create": "modify", "delete": "modify"}
    operations = Operations(
        create=service.invite_person,
        delete=_withdraw,
        commands={"resend": service.resend_invitation},
    )
    form = InvitationForm
    related = ("role", "custom_role", "project", "invited_by")
    list_display = ["email", "role_name", "state", "expires_at", "invited_by"]
    search_fields = ["email"]
    search_help_text = "E-mail address"
    ordering = ["email"]
    readonly_fields = ["email", "role_name", "state", "expires_at", "invited_by"]
    add_fieldsets = ((None, {"fields": ("email", "role")}),)
    fieldsets = ((None, {"fields": tuple(list_display)}),)
    actions_detail: ClassVar = ["resend", "show_link"]

    resend = command(
        "resend",
        label="Send again",
        question="A new letter goes out; links sent before work no more.",
        permission="manage",
        icon="forward_to_inbox",
        variant=ActionVariant.PRIMARY,
    )
    show_link = command(
        "show_link",
        label="Show the link",
        question="To pass it on yourself, where no e-mail arrives.",
        permission="manage",
        icon="link",
    )

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "modify")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    @display(description="Role", ordering="role__name", label=True)
    def role_name(self, invitation: Invitation) -> str:
        return invitation.role_title

    @display(description="Status", label={"Waiting": "info", "Link expired": "warning"})
    def state(self, invitation: Any) -> str:
        return "Waiting" if invitation.is_open else "Link expired"

    def get_queryset(self, request: HttpRequest) -> Any:
        is_open = Q(expires_at__gt=visit(request).now)
        rows = super().get_queryset(request)
        return rows.annotate(is_open=ExpressionWrapper(is_open, BooleanField()))

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        seen = visit(request)
        made = service.invite_person(
            project=project_of(request),
            now=seen.now,
            invited_by=seen.user,
            by=seen.granter,
            **form.cleaned_data,
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> Any:
        if name == "show_link":
            return show_once(
                request,
                title="Link of the invitation",
                rows={obj.email: service.link_of(obj)},
                back=self.change_address(obj),
                warning=_WARNING,
            )
        service.resend_invitation(obj, now=visit(request).now)
        tell(request, f"A new letter goes to {obj.email}.")
        return None
