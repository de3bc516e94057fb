"""People of the project and their roles."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from promo.admin.base import ProjectModelAdmin
from promo.admin.forms import ProjectForm
from promo.admin.visit import project_of
from promo.operations import Operations
from promo.tenancy.admin.once import show_once
from promo.tenancy.models import Membership
from promo.tenancy.services import people as service

_ROLES = {
    "ADMIN": "Administrator: everything, keys and people included",
    "USER": "User: everything but the project's settings",
    "VIEWER": "Viewer: reads and exports",
    "MERCHANT": "Merchant: reads, validates and redeems",
}


def _change(membership: Membership, *, role: str, **_: Any) -> Membership:
    return service.change_role(membership, role=role)


def _remove(membership: Membership, **_: Any) -> None:
    service.remove_role(membership)


class MembershipForm(ProjectForm):
    email = forms.EmailField(
        widget=UnfoldAdminEmailInputWidget,
        help_text="Somebody new gets a password, shown once after saving.",
    )
    role = forms.ChoiceField(
        choices=list(_ROLES.items()), widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Membership
        fields = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.pk:
            del self.fields["email"]
            self.initial["role"] = self.instance.role.name


@admin.register(Membership)
class MembershipAdmin(ProjectModelAdmin):
    """Who may do what in this project."""

    resource = "users"
    verbs: ClassVar = {"create": "modify", "delete": "modify"}
    operations = Operations(
        create=service.invite_person, update=_change, delete=_remove
    )
    form = MembershipForm
    related = ("user", "role")
    list_display = ["person", "role_name", "name", "last_login"]
    list_filter = [("role", RelatedDropdownFilter)]
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    search_help_text = "E-mail address or name"
    ordering = ["user__email"]
    readonly_fields = ["person", "last_login"]
    add_fieldsets = ((None, {"fields": ("email", "role")}),)
    fieldsets = ((None, {"fields": ("person", "role", "last_login")}),)

    @display(description="Person", ordering="user__email")
    def person(self, membership: Membership) -> str:
        return membership.user.email

    @display(
        description="Role",
        ordering="role__name",
        label={"ADMIN": "danger", "USER": "success", "VIEWER": "info"},
    )
    def role_name(self, membership: Membership) -> str:
        return membership.role.name

    @display(description="Name", empty_value="-")
    def name(self, membership: Membership) -> str | None:
        return membership.user.get_full_name() or None

    @display(description="Last signed in", ordering="user__last_login")
    def last_login(self, membership: Membership) -> Any:
        return membership.user.last_login

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        invited = service.invite_person(
            project=project_of(request), **form.cleaned_data
        )
        obj.pk = invited.membership.pk
        obj.refresh_from_db()
        obj.password = invited.password

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponseBase:
        if obj.password is None:
            answer: HttpResponseBase = super().response_add(request, obj)
            return answer
        return show_once(
            request,
            title=f"Password of {obj.user.email}",
            rows={"E-mail address": obj.user.email, "Password": obj.password},
            back=reverse("admin:tenancy_membership_changelist"),
            warning="Pass the password on now: it cannot be shown again.",
        )
