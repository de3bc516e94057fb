"""Roles of the project's own: what each may do is ticked."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextInputWidget,
)

from promo.admin.base import ProjectModelAdmin
from promo.admin.forms import ProjectForm
from promo.admin.visit import project_of, visit
from promo.ids import parse_or_none
from promo.operations import Operations
from promo.tenancy.models import CustomRole, Membership
from promo.tenancy.permissions import BY_PERSON_ROLE, LIMITABLE, TITLES, VERBS
from promo.tenancy.services import roles as service

_GROUPS = {
    "Offers": (
        "campaigns",
        "vouchers",
        "promotions",
        "validation_rules",
        "rewards",
        "loyalties",
        "distributions",
        "categories",
    ),
    "At the checkout": ("redemptions", "validations", "qualifications", "orders"),
    "Customers and catalogue": (
        "customers",
        "segments",
        "consents",
        "locations",
        "products",
        "collections",
    ),
    "Looking back": ("exports", "logs", "async_actions"),
    "Settings": (
        "project",
        "users",
        "approvals",
        "api_keys",
        "webhooks",
        "stacking_rules",
        "metadata_schemas",
        "event_schemas",
        "areas",
    ),
}
_LEFT = sorted(VERBS.keys() - {one for some in _GROUPS.values() for one in some})
_REST = (("More", tuple(_LEFT)),) if _LEFT else ()
_RESOURCES = {
    "api_keys": "API keys",
    "approvals": "Requests",
    "async_actions": "Background work",
    "loyalties": "Loyalty programs",
    "logs": "Logs and events",
    "metadata_schemas": "Metadata",
    "project": "Project settings",
    "qualifications": "Qualification",
    "users": "People and roles",
    "validations": "Validation",
}
_VERBS = {
    "read": "See",
    "details.read": "See personal details",
    "create": "Create",
    "modify": "Change",
    "delete": "Delete",
    "publish": "Give out",
    "redeem": "Redeem",
    "rollback": "Return",
    "validate": "Check a cart",
    "qualify": "Find what applies",
    "manage": "Manage",
    "decide": "Decide on them",
}
_LIMITED = {
    "campaigns.create": "Create campaigns",
    "campaigns.modify": "Change campaigns",
    "vouchers.create": "Add codes",
    "vouchers.modify": "Change codes",
    "validation_rules.create": "Create validation rules",
    "validation_rules.modify": "Change validation rules",
}


def in_words(resource: str) -> str:
    """Return what people call a resource."""
    return _RESOURCES.get(resource) or resource.replace("_", " ").capitalize()


def _ticks(resource: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=in_words(resource),
        required=False,
        choices=[(f"{resource}.{verb}", _VERBS[verb]) for verb in VERBS[resource]],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class RoleForm(ProjectForm):
    description = forms.CharField(
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="What the role is for; stands beside it where one is chosen.",
    )
    limited = forms.MultipleChoiceField(
        label="Only with approval",
        required=False,
        choices=[(code, _LIMITED[code]) for code in LIMITABLE],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What is ticked here becomes a request that somebody else decides.",
    )
    approvers = forms.ModelMultipleChoiceField(
        required=False,
        queryset=Membership.objects.none(),
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text=(
            f"At most {service.MOST_APPROVERS}; one approval is enough. Nobody here: "
            "whoever may decide on requests."
        ),
    )

    class Meta:
        model = CustomRole
        fields = ("name",)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        people = project_of(self.request).memberships.select_related("user")
        chosen: Any = self.fields["approvers"]
        chosen.queryset = people.order_by("user__email")
        chosen.label_from_instance = lambda one: one.user.email
        held = self.initial.get("permissions") or ()
        if self.instance.created_at:
            held = self.instance.permissions
            self.initial["limited"] = self.instance.limited
            self.initial["approvers"] = self.instance.approvers.all()
        for resource in VERBS:
            mine = [code for code in held if code.partition(".")[0] == resource]
            self.initial[f"can_{resource}"] = mine


for _resource in VERBS:
    RoleForm.declared_fields[f"can_{_resource}"] = _ticks(_resource)


@admin.register(CustomRole)
class CustomRoleAdmin(ProjectModelAdmin):
    resource = "users"
    empty_note = (
        "Roles that every project has are there already. One of your own says "
        "exactly what its people may do, and what only with approval."
    )
    verbs: ClassVar = {"create": "modify", "delete": "modify"}
    operations = Operations(
        create=service.create_role,
        update=service.update_role,
        delete=lambda role, **_: service.delete_role(role),
    )
    form = RoleForm
    list_display = ["name", "description", "people_count", "may_count", "asks_for"]
    search_fields = ["name__icontains"]
    search_help_text = "Name"
    ordering = ["name"]
    fieldsets = (
        (None, {"fields": ("name", "description")}),
        *(
            (title, {"fields": tuple(f"can_{one}" for one in resources)})
            for title, resources in (*_GROUPS.items(), *_REST)
        ),
        ("Approval", {"fields": ("limited", "approvers")}),
    )
    readonly_fields = ["people_count", "may_count", "asks_for"]
    view_fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "description",
                    "people_count",
                    "may_count",
                    "asks_for",
                )
            },
        ),
    )
    actions_list: ClassVar = ["like_marketer", "like_read_only"]
    actions_detail: ClassVar = ["copy"]

    @action(description="Start as Marketer", permissions=["add"], icon="content_copy")
    def like_marketer(self, request: HttpRequest) -> HttpResponseBase:
        return _form_like("USER")

    @action(description="Start as Read-only", permissions=["add"], icon="content_copy")
    def like_read_only(self, request: HttpRequest) -> HttpResponseBase:
        return _form_like("VIEWER")

    @action(description="Copy", permissions=["copy"], icon="content_copy")
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return _form_like(self.object_or_404(request, object_id).pk)

    def has_copy_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the role begins with that the address names."""
        name = request.GET.get("like", "")
        if name in BY_PERSON_ROLE:
            permissions = sorted(BY_PERSON_ROLE[name])
            return {"name": f"Copy of {TITLES[name]}", "permissions": permissions}
        if parse_or_none("role_", name) is None:
            return {}
        own = project_of(request).custom_roles.filter(pk=name).first()
        if own is None:
            return {}
        return {
            "name": f"Copy of {own.name}"[:100],
            "permissions": own.permissions,
            "limited": own.limited,
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomRole]:
        rows: QuerySet[CustomRole] = super().get_queryset(request)
        return rows.select_related("project").annotate(held_by=Count("memberships"))

    @admin.display(description="People", ordering="held_by")
    def people_count(self, role: Any) -> str:
        return f"{role.held_by:,}"

    @admin.display(description="May do")
    def may_count(self, role: CustomRole) -> str:
        touched = {code.partition(".")[0] for code in role.permissions}
        return ", ".join(in_words(one) for one in VERBS if one in touched)

    @admin.display(description="Only with approval")
    def asks_for(self, role: CustomRole) -> str:
        return ", ".join(_LIMITED[code] for code in role.limited) or "-"

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        seen, values = visit(request), form.cleaned_data
        sent = {
            "name": values["name"],
            "description": values["description"],
            "permissions": [
                code for resource in VERBS for code in values[f"can_{resource}"]
            ],
            "limited": values["limited"],
            "approvers": list(values["approvers"]),
            "by": seen.granter,
            "now": seen.now,
        }
        if change:
            service.update_role(obj, **sent)
        else:
            obj.pk = service.create_role(project=project_of(request), **sent).pk
        obj.refresh_from_db()


def _form_like(role: str) -> HttpResponseBase:
    address = reverse("admin:tenancy_customrole_add")
    return HttpResponseRedirect(f"{address}?{urlencode({'like': role})}")
