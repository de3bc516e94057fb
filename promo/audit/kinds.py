"""What the tables of the log are called, and who may read about them."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Model

from promo.audit.models import Change
from promo.ids import PrefixedIdField

#: Tables that have no screen of their own -> whose permission shows them.
_WITHOUT_SCREEN: Mapping[str, str] = {
    "campaigns_campaignassignment": "campaigns",
    "campaigns_campaigndraft": "campaigns",
    "campaigns_holder": "vouchers",
    "campaigns_productcollectionitem": "collections",
    "campaigns_promotionstacktier": "promotions",
    "campaigns_reward": "rewards",
    "campaigns_rewardassignment": "loyalties",
    "campaigns_validationruleassignment": "validation_rules",
    "customers_consentchoice": "customers",
    "customers_segmentmember": "segments",
    "redemptions_budgetwatch": "campaigns",
    "redemptions_calendarfeed": "campaigns",
    "redemptions_orderreturn": "orders",
    "tenancy_area": "areas",
    "tenancy_areastore": "areas",
    "tenancy_customrole_approvers": "users",
    "tenancy_keyassignment": "api_keys",
    "webhooks_signingsecret": "webhooks",
}
_WATCHED = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = 'audit_update' ORDER BY c.relname
"""


def watched_tables() -> list[str]:
    """Return the tables whose changes are recorded, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(_WATCHED)
        return [table for (table,) in cursor.fetchall()]


@cache
def models_by_table() -> Mapping[str, type[Model]]:
    """Return the model of each table, without stand-ins for the same one."""
    return {
        model._meta.db_table: model
        for model in apps.get_models()
        if not model._meta.proxy
    }


@cache
def resource_of(table: str) -> str:
    """Return the resource whose readers may read of a table; nobody's is empty."""
    if table in _WITHOUT_SCREEN:
        return _WITHOUT_SCREEN[table]
    model = models_by_table().get(table)
    screen = admin.site._registry.get(model) if model else None  # noqa: SLF001 - Django's documented name
    return str(getattr(screen, "resource", "") or "")


def kind_in_words(table: str) -> str:
    """Return what a row of ``table`` is called, ``Promotion tier``."""
    model = models_by_table().get(table)
    name = str(model._meta.verbose_name) if model else table
    return name[:1].upper() + name[1:]


def shown_id(change: Change) -> str:
    """Return the id of the changed object as the API shows it."""
    model = models_by_table().get(change.table)
    key = model._meta.pk if model else None
    if isinstance(key, PrefixedIdField) and change.object_id:
        return f"{key.prefix}{change.object_id}"
    return change.object_id


def fields_of(change: Change) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, value before and value after of each field that differs."""
    names = {**_names(change.table)}
    columns: Iterable[str] = {**change.before, **change.after}
    order = {column: place for place, column in enumerate(names)}
    for column in sorted(columns, key=lambda each: (order.get(each, 999), each)):
        words = names.get(column, column.replace("_", " "))
        yield words, change.before.get(column), change.after.get(column)


@cache
def _names(table: str) -> Mapping[str, str]:
    """Return the names of a table's columns as screens have them, in their order."""
    model = models_by_table().get(table)
    fields = model._meta.concrete_fields if model else ()
    words = {str(one.column): str(one.verbose_name) for one in fields}
    return {column: name[:1].upper() + name[1:] for column, name in words.items()}
