"""API keys: issued, rotated and blocked here; a secret is shown once."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from promo.admin.base import ProjectModelAdmin
from promo.admin.commands import command, tell
from promo.admin.forms import CommandForm, ProjectForm
from promo.admin.visit import project_of, visit
from promo.audit.models import Action, Change
from promo.operations import Operations
from promo.tenancy.access_scope import Place
from promo.tenancy.admin.once import show_once
from promo.tenancy.models import ApiKey, Integration, KeyAssignment, KeyKind
from promo.tenancy.permissions import BY_KEY_ROLE, RESTRICTED, of_key
from promo.tenancy.services import keys as service

_OVERLAPS = {
    0: "No time: it stops at once",
    1: "1 hour",
    24: "1 day",
    168: "7 days",
    720: "30 days",
}
_WARNING = "Copy the secret now: it is stored as a hash and cannot be shown again."


def _delete(key: ApiKey, **_: Any) -> None:
    service.delete_key(key)


def _unblock(key: ApiKey, **_: Any) -> None:
    service.unblock_key(key)


class KeyForm(ProjectForm):
    kind = forms.ChoiceField(
        choices=[
            (KeyKind.SERVER, "Server: for your shop's backend"),
            (KeyKind.CLIENT, "Client: for browsers and apps"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    name = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)
    role = forms.ChoiceField(
        choices=[(role, role.capitalize().replace("_", ", ")) for role in BY_KEY_ROLE],
        widget=UnfoldAdminSelectWidget,
    )
    integration = forms.ChoiceField(
        choices=[("", "None: a program of your own"), *Integration.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
        label="Platform",
        help_text=(
            "For a platform that asks for codes out of its templates: such a key may "
            "publish with a plain GET, and do no more than a platform needs."
        ),
    )
    allowed_networks = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One network a line, such as 203.0.113.0/24; empty admits all.",
    )

    places = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        label="Areas and stores",
        help_text=(
            "Only for the restricted role, one a line: the id of an area (ar_…), of an "
            "area with an asterisk for all its stores (ar_…*), or of a store (ars_…)."
        ),
    )

    class Meta:
        model = ApiKey
        fields = (
            "kind",
            "name",
            "role",
            "integration",
            "allowed_networks",
            "places",
        )

    def clean_allowed_networks(self) -> list[str]:
        return str(self.cleaned_data["allowed_networks"]).split()

    def clean_places(self) -> list[Place]:
        return [_place(text) for text in str(self.cleaned_data["places"]).split()]


class RotateForm(CommandForm):
    overlap = forms.ChoiceField(
        label="The old secret works on for",
        choices=[(str(hours), words) for hours, words in _OVERLAPS.items()],
        initial="24",
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Time to put the new one into your shop without refusing anybody.",
    )


def _shown(one: KeyAssignment) -> str:
    if one.store is not None:
        return f"{one.store} in {one.area}"
    return f"all stores of {one.area}" if one.all_stores else str(one.area)


def _place(text: str) -> Place:
    if text.startswith("ars_"):
        return Place("", store=text)
    return Place(text.removesuffix("*"), all_stores=text.endswith("*"))


@admin.register(ApiKey)
class ApiKeyAdmin(ProjectModelAdmin):
    """Keys of the project; management keys too, for who runs the installation."""

    resource = "api_keys"
    verbs: ClassVar = {"create": "modify", "delete": "modify"}
    form = KeyForm
    operations = Operations(
        create=service.issue_key,
        delete=_delete,
        commands={"block": service.block_key, "unblock": _unblock},
    )
    list_display = [
        "label",
        "mode",
        "kind",
        "role",
        "networks",
        "ending",
        "state",
        "last_used_at",
        "created_at",
    ]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["name__icontains", "last_four__exact"]
    search_help_text = "Name, or the last four characters of the secret"
    ordering = ["kind", "-created_at"]
    readonly_fields = [
        "app_id",
        "reaches",
        "ending",
        "state",
        "created_at",
        "created_by",
        "rotated_at",
        "former_until",
        "last_used_at",
        "permissions",
    ]
    add_fieldsets = ((None, {"fields": KeyForm.Meta.fields}),)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "kind",
                    "name",
                    "role",
                    "permissions",
                    "integration",
                    "allowed_networks",
                    "reaches",
                    "app_id",
                )
            },
        ),
        (
            "Secret",
            {
                "fields": (
                    ("ending", "state"),
                    ("rotated_at", "former_until"),
                    ("created_at", "created_by"),
                    "last_used_at",
                )
            },
        ),
    )
    actions_detail = ["rotate", "block", "unblock"]

    rotate = command(
        "rotate",
        label="Rotate secret",
        question="Calls with the old secret go on for as long as you choose.",
        permission="manage",
        icon="autorenew",
        form_class=RotateForm,
    )
    block = command(
        "block",
        label="Block",
        question="Nobody gets in with this key until it is unblocked.",
        permission="manage",
        icon="block",
        variant=ActionVariant.DANGER,
    )
    unblock = command(
        "unblock",
        label="Unblock",
        question="The key works again, with the same secret.",
        permission="manage",
        icon="lock_open",
    )

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "modify")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        seen = visit(request)
        reached = Q(project=seen.project)
        if seen.project and seen.user and seen.user.is_superuser:
            owner = seen.project.organisation_id
            reached |= Q(project=None, organisation=owner)
        return ApiKey.objects.filter(reached).select_related("project")

    @display(description="Name", ordering="name")
    def label(self, key: ApiKey) -> str:
        return key.name or f"{KeyKind(key.kind).label} key"

    @display(description="For", label={"Test": "warning", "Live": "success"})
    def mode(self, key: ApiKey) -> str:
        """Whether what is done with it counts: keys of a sandbox try things out."""
        if key.project is None:
            return "All projects"
        return "Test" if key.project.is_sandbox else "Live"

    @display(description="Areas and stores")
    def reaches(self, key: ApiKey) -> str:
        if key.role != RESTRICTED:
            return "Everything"
        rows = key.assignments.select_related("area", "store")
        return ", ".join(sorted(map(_shown, rows))) or "Nothing yet"

    @display(description="Networks")
    def networks(self, key: ApiKey) -> str:
        return ", ".join(key.allowed_networks) or "Any"

    @display(description="May")
    def permissions(self, key: ApiKey) -> str:
        return ", ".join(sorted(of_key(key.role, key.integration))) or "Nothing"

    @display(description="Created by")
    def created_by(self, key: ApiKey) -> str:
        made = Change.objects.filter(
            object_id=key.pk.removeprefix("key_"),
            table=ApiKey._meta.db_table,
            action=Action.CREATED,
        ).first()
        return (made.actor_name if made else "") or "System"

    @display(description="Secret ends with")
    def ending(self, key: ApiKey) -> str:
        return f"…{key.last_four}"

    @display(
        description="State",
        ordering="blocked_at",
        label={"Works": "success", "Blocked": "danger"},
    )
    def state(self, key: ApiKey) -> str:
        return "Blocked" if key.blocked_at else "Works"

    def is_offered(self, name: str, obj: ApiKey) -> bool:
        wanted = {"block": obj.blocked_at is None, "unblock": bool(obj.blocked_at)}
        return wanted.get(name, True)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        values = form.cleaned_data
        kind = KeyKind(values.pop("kind"))
        project, now = project_of(request), visit(request).now
        issued = service.issue_key(kind=kind, project=project, now=now, **values)
        obj.pk = issued.key.pk
        obj.refresh_from_db()
        obj.secret = issued.secret

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponseBase:
        return self._show(request, obj, obj.secret)

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> Any:
        if name == "rotate":
            overlap = timedelta(hours=int(values.get("overlap") or 0))
            issued = service.rotate_key(obj, now=visit(request).now, overlap=overlap)
            return self._show(request, obj, issued.secret)
        self.operations.commands[name](obj, now=visit(request).now)
        tell(request, f"{self.label(obj)} is {name}ed.")
        return None

    def _show(self, request: HttpRequest, key: ApiKey, secret: str) -> HttpResponseBase:
        headers = {
            KeyKind.SERVER: ("X-App-Id", "X-App-Token"),
            KeyKind.CLIENT: ("X-Client-Application-Id", "X-Client-Token"),
            KeyKind.MANAGEMENT: ("X-Management-Id", "X-Management-Token"),
        }[KeyKind(key.kind)]
        return show_once(
            request,
            title=f"Secret of {self.label(key)}",
            rows=dict(zip(headers, (str(key.app_id), secret), strict=True)),
            back=reverse("admin:tenancy_apikey_changelist"),
            warning=_WARNING,
        )
