"""Calls of the API as a file."""

from collections.abc import Mapping

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from promo.api.columns import Column, NumberColumn, TextColumn
from promo.call_log.models import ApiCall
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import Catalogue, Terms

_KEYS = ("app_id", "client_app_id")


def _rows(project: Project) -> QuerySet[ApiCall]:
    keys = {f"{name}_text": Cast(name, TextField()) for name in _KEYS}
    return ApiCall.objects.filter(project=project).alias(**keys)


FIELDS = {
    "id": cells.shown("pk", "log_"),
    "created_at": cells.moment("created_at"),
    "status": cells.plain("status"),
    "request_id": cells.text("request_id"),
    "channel": cells.text("channel"),
    "method": cells.plain("method"),
    "endpoint": cells.text("endpoint"),
    "url": cells.text("url"),
    "user_email": cells.text("user_email"),
    **{name: cells.plain(Cast(name, TextField())) for name in _KEYS},
    "request_duration": cells.plain("request_duration"),
    "request_body": cells.text("request_body"),
    "response_body": cells.text("response_body"),
}


def _columns(terms: Terms) -> Mapping[str, Column]:
    return {
        "created_at": terms.moment("created_at"),
        "status": NumberColumn("status"),
        "channel": TextColumn("channel"),
        **listed.of_calls(),
        **{name: TextColumn(f"{name}_text") for name in _KEYS},
    }


CATALOGUE = Catalogue(
    name="api_log",
    label="API log",
    permission="logs.read",
    rows=_rows,
    fields=FIELDS,
    defaults=tuple(FIELDS),
    orderings={"created_at": "created_at"},
    columns=_columns,
    is_personal=True,
)
