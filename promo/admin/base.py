"""What every screen shares: the project, the role, and writing through services."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from promo.admin.approval import NeedsApproval, asked, do, page_of
from promo.admin.commands import plain_id, tell
from promo.admin.forms import ProjectForm, in_words
from promo.admin.summary import Figure, list_address
from promo.admin.visit import project_of, visit
from promo.errors import PromoError
from promo.ids import PrefixedIdField, parse_or_none
from promo.operations import Operations


class ProjectModelAdmin(ModelAdmin):
    """Screens of one resource of the chosen project.

    ``resource`` names the permissions (``campaigns`` stands for ``campaigns.read``
    and so on), ``verbs`` where the resource calls a verb by another name; a verb
    mapped to None is never offered. ``operations`` are the services that write:
    forms validate shape, services decide, and a refusal shows in the form.
    """

    resource: ClassVar[str]
    #: What a list without rows says about them.
    empty_note: ClassVar[str] = ""
    #: Where to begin when a list has no rows: title, the page's name for ``reverse``,
    #: and the permission that opens it. Without one the button for adding shows.
    begin: ClassVar[tuple[str, str, str] | None] = None
    operations: ClassVar[Operations[Any]] = Operations()
    #: What its actions are called where a role may only ask for them, ``campaign`` for
    #: ``campaign.enable``; empty where nothing can be asked for.
    asks_as: ClassVar[str] = ""
    verbs: ClassVar[dict[str, str | None]] = {}
    form = ProjectForm
    related: ClassVar[Sequence[str]] = ()
    #: Whether what its list shows can be had as a file.
    is_exported: ClassVar[bool] = False
    #: What who may only read sees; needed where a form has fields of its own.
    view_fieldsets: ClassVar[Any] = ()
    actions: Any = None
    list_disable_select_all = True
    list_per_page = 50
    show_full_result_count = False
    # Counting every choice of every filter reads the table as often.
    show_facets = ShowFacets.NEVER
    list_filter_sheet = True
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/summary.html"

    # What the person may see and do

    def _may(self, request: HttpRequest, verb: str) -> bool:
        name = self.verbs.get(verb, verb)
        seen = visit(request)
        if name is None or seen.project is None:
            return False
        permission = f"{self.resource}.{name}"
        return seen.may_ask(permission) if self.asks_as else seen.may(permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "read")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.operations.create) and self._may(request, "create")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.operations.update) and self._may(request, "modify")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.operations.delete) and self._may(request, "delete")

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        """Show the list, its file to order, and where to begin if it has no rows."""
        context = {
            "begin": self._begin(request),
            "may_export": self.is_exported and visit(request).may("exports.create"),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)  # type: ignore[no-any-return]  # unfold is untyped

    def _begin(self, request: HttpRequest) -> dict[str, str] | None:
        if self.begin is None:
            return None
        title, page, permission = self.begin
        seen = visit(request)
        return (
            {"title": title, "link": reverse(page)}
            if seen.may_ask(permission)
            else None
        )

    # What belongs to the project

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        project = visit(request).project
        rows = in_project(super().get_queryset(request), project)
        return rows.select_related(*self.related) if self.related else rows

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **named: Any
    ) -> Any:
        rows = named.get("queryset", db_field.related_model._default_manager.all())  # noqa: SLF001 - Django's documented name
        named["queryset"] = in_project(rows, visit(request).project)
        return super().formfield_for_foreignkey(db_field, request, **named)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the one row whose whole id was typed, else what the fields say."""
        key = self.opts.pk
        term = search_term.strip()
        if isinstance(key, PrefixedIdField) and parse_or_none(key.prefix, term):
            return queryset.filter(pk=term), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def object_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """Return the object behind an address, if it is of this project."""
        found = self.get_object(request, plain_id(object_id))
        if found is None:
            msg = f"No {self.opts.verbose_name} with this id"
            raise Http404(msg)
        return found

    def change_address(self, obj: Any) -> str:
        """Return where the object's page is."""
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_change",
            args=(quote(obj.pk),),
        )

    def changes_address(self, request: HttpRequest, obj: Any) -> str:
        """Return where the changes of an object are, for who may read the log."""
        if not visit(request).may("logs.read"):
            return ""
        return list_address("audit_change", about=str(obj.pk))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and self.view_fieldsets and not self.has_change_permission(request):
            return self.view_fieldsets
        return super().get_fieldsets(request, obj)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        """Return the figures above the form of an object; none unless overridden."""
        return ()

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponseBase:
        shown = named.get("obj")
        context["summary"] = self.summary(request, shown) if shown else ()
        context["changes_link"] = self.changes_address(request, shown) if shown else ""
        may_save = self.has_change_permission if shown else self.has_add_permission
        context["asks_why"] = may_save(request)
        context["why"] = request.POST.get("_reason", "")
        return super().render_change_form(request, context, *args, **named)  # type: ignore[no-any-return]  # unfold is untyped

    # Writing through services

    def form_of(self, request: HttpRequest, obj: Any) -> Any:
        """Return the form of an object, None for that of the class."""
        return None

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        *,
        change: bool = False,
        **rest: Any,
    ) -> Any:
        own = self.form_of(request, obj)
        if own is not None:
            rest["form"] = own
        form = super().get_form(request, obj, change=change, **rest)
        form.request = request
        form.refused = getattr(request, "_refused", None)
        return form

    def changeform_view(
        self, request: HttpRequest, *args: Any, **named: Any
    ) -> HttpResponseBase:
        """Show or save; a refused save shows the form again with the reason.

        The first pass runs in a transaction that the refusal rolls back whole, and
        what only makes a request too.
        """
        try:
            try:
                return super().changeform_view(request, *args, **named)  # type: ignore[no-any-return]  # unfold is untyped
            except NeedsApproval as wanted:
                return HttpResponseRedirect(page_of(asked(request, wanted)))
        except PromoError as refused:
            request._refused = refused  # type: ignore[attr-defined]  # noqa: SLF001 - for the second pass of this request
            return super().changeform_view(request, *args, **named)  # type: ignore[no-any-return]  # unfold is untyped

    def service_values(
        self, request: HttpRequest, form: Any, *, change: bool
    ) -> dict[str, Any]:
        """Return what the service gets: all fields at first, then the changed."""
        names = form.changed_data if change else form.cleaned_data
        return {name: form.cleaned_data[name] for name in names}

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        values = self.service_values(request, form, change=bool(change))
        now = visit(request).now
        if change and self.operations.update:
            self.operations.update(obj, now=now, **values)
        elif self.operations.create:
            project = project_of(request)
            obj.pk = self.operations.create(project=project, now=now, **values).pk
        obj.refresh_from_db()

    def save_related(self, *_: Any) -> None:
        """Leave related rows to the services."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        if self.operations.delete:
            self.operations.delete(obj, now=visit(request).now)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponseBase:
        try:
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]  # unfold is untyped
        except PromoError as refused:
            messages.error(request, in_words(refused))
            target = self.object_or_404(request, object_id)
            return HttpResponseRedirect(self.change_address(target))

    def get_actions(self, request: HttpRequest) -> Any:
        """Return the list's own actions: deleting goes one by one."""
        offered = super().get_actions(request)
        offered.pop("delete_selected", None)
        return offered

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name only the object: what hangs on it may be millions of rows."""
        return [str(one) for one in objs], {}, set(), []

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> HttpResponseBase | str | None:
        """Run a command; return an answer or where to go on, None for the page."""
        self.carry_out(request, name, obj, **values)
        tell(request, f"{obj}: {name.replace('_', ' ')} done.")
        return None

    def carry_out(
        self, request: HttpRequest, name: str, obj: Any, **values: Any
    ) -> None:
        """Run a command through its service, or ask for it.

        Raises:
            NeedsApproval: the role may only ask for it.
        """
        if self.asks_as:
            do(request, f"{self.asks_as}.{name}", obj, **values)
        else:
            self.operations.commands[name](obj, now=visit(request).now, **values)

    def is_offered(self, name: str, obj: Any) -> bool:
        """Whether the command makes sense for the object as it is."""
        return True

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        offered = super().get_actions_detail(request, object_id)
        if not offered:
            return []
        target = self.get_object(request, plain_id(object_id))
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            one
            for one in offered
            if target and self.is_offered(one.action_name.removeprefix(prefix), target)
        ]


def in_project(rows: QuerySet[Any], project: Any) -> QuerySet[Any]:
    """Return the rows of a project that are in use; all of a shared table."""
    names = {field.name for field in rows.model._meta.get_fields()}
    if "project" in names:
        rows = rows.filter(project=project)
    alive = getattr(rows, "alive", None)
    return alive() if alive else rows
