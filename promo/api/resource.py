"""A REST resource, declared: what it is called, shows, takes and can do."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from promo.api import query
from promo.api.filters import QueryFilters
from promo.api.pagination import ListPagination, PagePagination
from promo.api.permissions import permission_for
from promo.api.schema import ResourceSchema
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from promo.errors import ResourceNotFound
from promo.operations import Operations
from promo.tenancy import reach

M = TypeVar("M", bound=Model)
Actions = dict[str, Any]
Rows = list[Any]
NO_CONTENT = 204


class Resource(ViewSetMixin, ApiView, Generic[M]):
    """Lists, shows and changes the things of one kind in a project.

    A subclass declares the attributes below and ``get_queryset``, whose querysets
    know ``by_reference`` (an id, or what else names the thing). Only the verbs that
    ``operations`` has are routed, the others answer 405. Each command becomes
    ``POST <route>/{id}/<command>``.

    ``input_class`` reads the body of a create, and partially that of an update,
    unless ``update_class`` does.
    """

    schema = ResourceSchema()
    route: ClassVar[str]
    resource_type: ClassVar[str]
    serializer_class: ClassVar[type[Any]]
    input_class: ClassVar[type[ApiSerializer] | None] = None
    update_class: ClassVar[type[ApiSerializer] | None] = None
    operations: ClassVar[Operations[Any]] = Operations()
    permission_resource: ClassVar[str] = ""
    query_filters: ClassVar[QueryFilters] = QueryFilters()
    pagination_class: ClassVar[type[ListPagination]] = PagePagination
    list_key: ClassVar[str] = "data"
    #: Names that ``order`` takes, and the lookup behind each.
    orderings: ClassVar[Mapping[str, str]] = {"created_at": "created_at"}
    default_order: ClassVar[str] = "-created_at"
    last_page: ClassVar[int] = 100
    created_status: ClassVar[int] = 200
    #: The command that a route of this view runs.
    command_name: str = ""

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes of the verbs that exist."""
        can = cls.operations
        everything: Actions = {"get": "list"}
        if can.create:
            everything["post"] = "create"
        one: Actions = {"get": "retrieve"}
        if can.update:
            one["put"] = "update"
        if can.delete:
            one["delete"] = "destroy"
        name = cls.route.replace("/", "-")
        thing = f"{cls.route}/<reference:reference>"
        routes = [
            path(cls.route, cls.as_view(everything), name=f"{name}-list"),
            path(thing, cls.as_view(one), name=f"{name}-detail"),
        ]
        for command in can.commands:
            view = cls.as_view({"post": "command"}, command_name=command)
            routes.append(path(f"{thing}/{command}", view, name=f"{name}-{command}"))
        return routes

    def required_permission(self) -> str:
        """Return the code that the running verb needs."""
        return permission_for(self.permission_resource, self.action)

    @property
    def paginator(self) -> ListPagination:
        """A pagination that knows this resource's names and orders."""
        return self.pagination_class(
            list_key=self.list_key,
            resource_type=self.resource_type,
            orderings=self.orderings,
            default_order=self.default_order,
            last_page=self.last_page,
        )

    def get_queryset(self) -> QuerySet[M]:
        """Return the project's things, with all that showing them takes."""
        raise NotImplementedError

    def get_serializer_context(self) -> dict[str, Any]:
        """Return what the serializer may know about the request."""
        return {"request": self.request, "view": self, "now": self.now}

    def show(self, shown: Any, *, many: bool = False) -> Any:
        """Return the JSON of one thing or several."""
        context = self.get_serializer_context()
        return self.serializer_class(shown, many=many, context=context).data

    def find(self, reference: str) -> M:
        """Return the thing named by ``reference``.

        Raises:
            ResourceNotFound: this project has none.
        """
        found: M = find_or_404(self.get_queryset(), reference, self.resource_type)
        return found

    def find_to_change(self, reference: str) -> M:
        """Return the thing named by ``reference``, which the caller may change.

        Raises:
            ResourceNotFound: this project has none.
            Forbidden: a restricted caller is not everywhere that it is.
        """
        found = self.find(reference)
        reach.check_change(found)
        return found

    def list(self, request: Request) -> Response:
        """Answer the list, narrowed, ordered and cut as the query asks."""
        rows = self.query_filters.apply(
            reach.narrowed(self.get_queryset()), request.query_params, self.now
        )
        paginator = self.paginator
        found: Rows = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response(self.show(found, many=True))

    def create(self, request: Request) -> Response:
        """Make a thing of the body."""
        values = self.parse(self.input_class) if self.input_class else {}
        create = self.operations.create
        if create is None:
            return self.http_method_not_allowed(request)
        thing = create(project=self.project, now=self.now, **values)
        return Response(self.show(self.reread(thing)), status=self.created_status)

    def retrieve(self, request: Request, reference: str) -> Response:
        """Answer one thing."""
        return Response(self.show(self.find(reference)))

    def update(self, request: Request, reference: str) -> Response:
        """Change what the body names."""
        thing = self.find_to_change(reference)
        reader = self.update_class or self.input_class
        values = self.parse(reader, partial=True) if reader else {}
        update = self.operations.update
        if update is None:
            return self.http_method_not_allowed(request)
        return Response(self.show(self.reread(update(thing, now=self.now, **values))))

    def destroy(self, request: Request, reference: str) -> Response:
        """Delete one thing, with ``?force=true`` past the bin."""
        force = query.flag(request.query_params, "force")
        thing = self.find_to_change(reference)
        delete = self.operations.delete
        if delete is None:
            return self.http_method_not_allowed(request)
        delete(thing, now=self.now, force=force)
        return Response(status=NO_CONTENT)

    def command(self, request: Request, reference: str) -> Response:
        """Run the route's command on one thing."""
        run = self.operations.commands[self.command_name]
        thing = self.find_to_change(reference)
        return Response(self.show(self.reread(run(thing, now=self.now))))

    def reread(self, thing: M) -> M:
        """Return what a service gave back with all that showing it takes."""
        return self.get_queryset().get(pk=thing.pk)


def find_or_404(rows: Any, reference: str, resource_type: str) -> Any:
    """Return the row of ``rows`` behind ``reference``.

    Raises:
        ResourceNotFound: there is none.
        Forbidden: a restricted caller does not reach it.
    """
    found: Any = None
    with suppress(ValueError):  # an id of another shape is nobody's
        found = rows.by_reference(reference).first()
    if found is None:
        raise ResourceNotFound(resource_type, reference)
    reach.check_use(found)
    return found
