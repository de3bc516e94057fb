"""A resource of keys, so that the base is tested without a domain app."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

import promo.urls  # noqa: F401 - registers the path converter
from promo.api import fields
from promo.api.columns import (
    FlagColumn,
    IdColumn,
    MetadataColumn,
    MomentColumn,
    StateColumn,
    TextColumn,
)
from promo.api.filters import QueryFilters
from promo.api.pagination import DatePagination, IdPagination
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView, ManagementView
from promo.errors import Duplicate
from promo.ids import parse_or_none
from promo.operations import Operations
from promo.tenancy.models import ApiKey, Project
from promo.tenancy.secrets import new_secret
from promo.tenancy.services.keys import delete_key


class KeyRows(QuerySet[ApiKey]):
    def by_reference(self, reference: str) -> "KeyRows":
        if parse_or_none("key_", reference):
            return self.filter(pk=reference)
        return self.filter(name=reference)


class PartInput(ApiSerializer):
    sku = fields.Text(shortest=1)
    quantity = fields.WholeNumber(least=1, required=False)


class KeyInput(ApiSerializer):
    name = fields.Text(shortest=1, longest=20)
    role = fields.Choice(["ADMIN", "USER"], required=False)
    blocked_at = fields.Moment(required=False, allow_null=True)
    parts = fields.ListOf(PartInput(), required=False, most=3)
    amount = fields.Amount(required=False)
    rate = fields.Number(required=False)
    day = fields.Day(required=False)
    active = fields.Flag(required=False)
    metadata = fields.JsonObject(required=False)


class KeySerializer(ApiSerializer):
    without_null = ("blocked_at",)

    id = fields.Text()
    name = fields.Text()
    role = fields.Text()
    blocked_at = fields.Moment()
    created_at = fields.Moment()


def create_key(
    *, project: Project, now: datetime, name: str, role: str = "ADMIN", **_: Any
) -> ApiKey:
    if project.keys.filter(name=name).exists():
        raise Duplicate("key", name, by="name")
    return ApiKey.objects.create(
        organisation=project.organisation,
        project=project,
        kind="server",
        name=name,
        role=role,
        app_id=new_secret(),
        created_at=now,
    )


def update_key(key: ApiKey, *, now: datetime, **values: Any) -> ApiKey:
    ApiKey.objects.filter(pk=key.pk).update(
        **{k: v for k, v in values.items() if k in {"name", "role", "blocked_at"}}
    )
    return key


def remove_key(key: ApiKey, *, now: datetime, force: bool = False) -> None:
    delete_key(key)


def block(key: ApiKey, *, now: datetime) -> ApiKey:
    return update_key(key, now=now, blocked_at=now)


class KeyResource(Resource[ApiKey]):
    route = "v1/shelf"
    resource_type = "key"
    serializer_class = KeySerializer
    input_class = KeyInput
    operations = Operations(
        create=create_key,
        update=update_key,
        delete=remove_key,
        commands={"block": block},
    )
    permission_resource = "vouchers"
    list_key = "keys"
    orderings = {"created_at": "created_at", "name": "name", "blocked_at": "blocked_at"}
    last_page = 99
    query_filters = QueryFilters(
        columns={
            "id": IdColumn("pk", "key_"),
            "name": TextColumn("name"),
            "role": TextColumn("role", caseless=True),
            "created_at": MomentColumn("created_at"),
            "sandbox": FlagColumn("project__is_sandbox"),
            "rules.*": MetadataColumn("project__stacking_rules"),
            "state": StateColumn({"$enabled": lambda now: Q(blocked_at=None)}),
        },
        shortcuts={"name": TextColumn("name")},
        date_range="created_at",
    )

    def get_queryset(self) -> KeyRows:
        rows = KeyRows(ApiKey)
        return rows.filter(project=self.project).exclude(name="")


class DatedResource(KeyResource):
    route = "v1/dated"
    pagination_class = DatePagination
    operations = Operations()


class CursorResource(KeyResource):
    route = "v1/cursor"
    pagination_class = IdPagination
    operations = Operations()
    orderings = {"id": "pk", "blocked_at": "blocked_at"}
    default_order = "-id"


class Echo(ApiView):
    calls: list[Any] = []

    def post(self, request: Request) -> Response:
        self.calls.append(request.data)
        if request.data.get("fail"):
            raise ZeroDivisionError
        return Response({"times": len(self.calls)}, status=201)


class Page(ClientView):
    def get(self, request: Request) -> Response:
        return Response({"project": self.project.pk})


class Redeem(Page):
    switch = "client_redeem_enabled"


class Team(ManagementView):
    def get(self, request: Request) -> Response:
        return Response({"organisation": self.organisation.pk})


urlpatterns = [
    *KeyResource.urls(),
    *DatedResource.urls(),
    *CursorResource.urls(),
    path("v1/echo", Echo.as_view()),
    path("client/v1/page", Page.as_view()),
    path("client/v1/redeem", Redeem.as_view()),
    path("management/v1/team", Team.as_view()),
    path("", include("promo.urls")),
]

handler404 = "promo.api.errors.handler404"
handler500 = "promo.api.errors.handler500"
