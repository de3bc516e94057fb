"""People of the project and their roles."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.forms import ProjectForm
from promo.admin.visit import project_of, visit
from promo.operations import Operations
from promo.tenancy.models import Membership
from promo.tenancy.permissions import TITLES
from promo.tenancy.services import people as service
from promo.tenancy.services import sign_in

_MEANS = {
    "OWNER": "everything, and makes other owners",
    "ADMIN": "everything, keys and people included",
    "MANAGER": "runs promotions, defines fields, decides on requests",
    "USER": "makes and changes promotions; no settings",
    "ANALYST": "reads and exports; no personal details of customers",
    "SUPPORT": "helps customers: gives codes out, returns redemptions",
    "MERCHANT": "reads, validates and redeems",
    "VIEWER": "reads and exports",
}


def role_choices(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the roles that there are in the project, its own at the end."""
    fixed = [(name, f"{TITLES[name]}: {text}") for name, text in _MEANS.items()]
    own = [
        (role.pk, f"{role.name}: {role.description}" if role.description else role.name)
        for role in project_of(request).custom_roles.all()
    ]
    return [*fixed, *own]


class RoleField(forms.ChoiceField):
    """A role of the project; the form that has it gives it its choices."""

    def __init__(self) -> None:
        super().__init__(widget=UnfoldAdminSelectWidget)


class MembershipForm(ProjectForm):
    role = RoleField()

    class Meta:
        model = Membership
        fields = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["role"].choices = role_choices(self.request)  # type: ignore[attr-defined]  # a choice field
        self.initial["role"] = self.instance.role_key


@admin.register(Membership)
class MembershipAdmin(ProjectModelAdmin):
    """Who may do what in this project."""

    resource = "users"
    verbs: ClassVar = {"create": None, "delete": "modify"}
    operations = Operations(
        update=service.change_role,
        delete=service.remove_role,
        commands={
            "unlock": sign_in.unlock,
            "reset_second_factor": sign_in.reset_second_factor,
        },
    )
    form = MembershipForm
    related = ("user", "role", "custom_role", "project")
    list_display = ["person", "role_name", "name", "signs_in", "last_login"]
    list_filter = [("role", RelatedDropdownFilter)]
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    search_help_text = "E-mail address or name"
    ordering = ["user__email"]
    _SIGNING_IN = ("signs_in", "last_login")
    readonly_fields = ["person", "name", "role_name", *_SIGNING_IN]
    fieldsets = ((None, {"fields": ("person", "name", "role", *_SIGNING_IN)}),)
    view_fieldsets = (
        (None, {"fields": ("person", "name", "role_name", *_SIGNING_IN)}),
    )
    actions_list: ClassVar = ["invite"]
    actions_detail: ClassVar = ["unlock", "reset_second_factor"]
    unlock = command(
        "unlock",
        label="Unlock",
        question="Too many sign-ins have failed; the person may try again at once.",
        permission="invite",
        icon="lock_open",
        variant=ActionVariant.PRIMARY,
    )
    reset_second_factor = command(
        "reset_second_factor",
        label="Reset two-factor sign-in",
        question=(
            "For somebody who has lost phone and recovery codes. They are signed out "
            "everywhere, and their password alone lets them in again."
        ),
        permission="invite",
        icon="mobile_off",
        variant=ActionVariant.DANGER,
    )

    @action(
        description="Invite somebody",
        permissions=["invite"],
        icon="person_add",
        variant=ActionVariant.PRIMARY,
    )
    def invite(self, request: HttpRequest) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("admin:tenancy_invitation_add"))

    def is_offered(self, name: str, obj: Any) -> bool:
        if name == "unlock":
            return bool(obj.is_locked)
        return bool(obj.has_second_factor)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows = super().get_queryset(request)
        return sign_in.with_locks(rows, now=visit(request).now)

    def has_invite_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "modify")

    @display(description="Person", ordering="user__email")
    def person(self, membership: Membership) -> str:
        return membership.user.email

    @display(description="Role", ordering="role__name", label=True)
    def role_name(self, membership: Membership) -> str:
        return membership.role_title

    @display(description="Name", empty_value="-")
    def name(self, membership: Membership) -> str | None:
        return membership.user.get_full_name() or None

    @display(
        description="Signs in with",
        label={"Locked": "danger", "Two factors": "success"},
    )
    def signs_in(self, membership: Any) -> str:
        if membership.is_locked:
            return "Locked"
        return "Two factors" if membership.has_second_factor else "Password"

    @display(description="Last signed in", ordering="user__last_login")
    def last_login(self, membership: Membership) -> Any:
        return membership.user.last_login

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        if "role" in form.changed_data:
            role, by = form.cleaned_data["role"], visit(request).granter
            service.change_role(obj, role=role, by=by)
            obj.refresh_from_db()

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> Any:
        self.operations.commands[name](obj)
        done = "may sign in again" if name == "unlock" else "has no second factor now"
        tell(request, f"{obj.user} {done}.")
        return None

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        service.remove_role(obj, by=visit(request).granter)
