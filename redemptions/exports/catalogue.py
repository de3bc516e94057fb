"""A kind of rows that can be exported, declared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from campaigns.api.voucher_filters import NameOrId
from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX
from customers.models.customer import ID_PREFIX
from promo.api.columns import Column, IdColumn
from promo.api.dated_columns import DayOf, MomentOf
from promo.api.json_columns import JsonColumn
from promo.calendar_windows import Calendar
from promo.filter_grammar import Condition
from promo.metadata_schemas.known import known_schemas
from promo.tenancy.models import Project
from redemptions.exports.cells import Field

CREATED = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a project's filters are read by: its calendar and its schemas."""

    project: Project
    calendar: Calendar

    def moment(self, lookup: str) -> Column:
        """Return the filter of a moment."""
        return MomentOf(F(lookup), self.calendar)

    def day(self, expression: Any, *, is_birthday: bool = False) -> Column:
        """Return the filter of a calendar day."""
        return DayOf(expression, self.calendar, is_birthday=is_birthday)

    def metadata(self, resource: str) -> Column:
        """Return the filter of metadata, compared by their declared types."""
        kinds = known_schemas(self.project).kinds.get(resource, {})
        return self.json("metadata", kinds=kinds)

    def json(self, lookup: str, **rest: Any) -> Column:
        """Return the filter of what lies below a JSON column."""
        return JsonColumn(lookup, calendar=self.calendar, **rest)

    def voucher(self, code: str, key: str) -> Column:
        """Return the filter of a voucher by its code, or its id."""
        caseless = not self.project.case_sensitive_codes
        return NameOrId(code, caseless, id_lookup=key, prefix=VOUCHER_PREFIX)


def campaign(name: str, key: str) -> Column:
    """Return the filter of a campaign by its name or id."""
    return NameOrId(name, id_lookup=key, prefix=CAMPAIGN_PREFIX)


def customer(source_id: str, key: str) -> Column:
    """Return the filter of a customer by source id or id."""
    return NameOrId(source_id, id_lookup=key, prefix=ID_PREFIX)


@dataclass(frozen=True)
class EitherOf(Column):
    """A filter that either of two columns may fit."""

    first: Column
    second: Column
    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows that fit by one of the columns."""
        found = self.first.matches(condition, name, path, now)
        return found | self.second.matches(condition, name, path, now)

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the rows without a value in the first column, or those with one."""
        return self.first.is_null(name, null=null)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a kind of rows offers.

    ``name`` is the ``exported_object``, ``label`` what people call the rows,
    ``permission`` what reading them takes. ``fields`` stand in the order in which
    refusals list them; ``defaults`` are exported when none are named. ``metadata`` is
    the resource whose schema names the columns of metadata, empty without metadata.
    ``orderings`` map names to lookups. ``scopes`` map what an address may fix to
    lookups. ``is_personal`` where a file may say something about a person.
    """

    name: str
    label: str
    permission: str
    rows: Callable[[Project], QuerySet[Any]]
    fields: Mapping[str, Field]
    defaults: tuple[str, ...]
    orderings: Mapping[str, str]
    columns: Callable[[Terms], Mapping[str, Column]]
    default_order: str = "-created_at"
    metadata: str = ""
    scopes: Mapping[str, str] = field(default_factory=dict)
    is_personal: bool = False

    @property
    def field_names(self) -> tuple[str, ...]:
        """The fields that may be named, ``metadata`` last."""
        return (*self.fields, *(["metadata"] if self.metadata else []))

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders that may be asked for."""
        return tuple(sign + name for name in self.orderings for sign in ("-", ""))
