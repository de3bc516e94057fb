"""Customers as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from campaigns.models import Publication, Voucher
from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX, has_code
from customers.engine.segments import KINDS
from customers.models import Customer
from customers.models.customer import ID_PREFIX
from promo.api.columns import Column, IdColumn, TextColumn
from promo.api.json_columns import JsonColumn
from promo.comparison import Kind
from promo.filter_grammar import Condition
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import CREATED, Catalogue, Terms

_ADDRESS = ("city", "state", "line_1", "line_2", "country", "postal_code")
_REDEMPTIONS = (
    "total_redeemed",
    "total_failed",
    "total_succeeded",
    "total_rolled_back",
    "total_rollback_failed",
    "total_rollback_succeeded",
)
_ORDERS = (
    "total_amount",
    "total_count",
    "average_amount",
    "last_order_amount",
    "last_order_date",
)
_LOYALTY = ("points", "referred_customers")


def _rows(project: Project) -> QuerySet[Customer]:
    return project.customers.alive().alias(city=KeyTextTransform("city", "address"))


FIELDS = {
    "name": cells.text("name"),
    "id": cells.shown("pk", ID_PREFIX),
    "description": cells.text("description"),
    "email": cells.text("email"),
    "source_id": cells.text("source_id"),
    "created_at": cells.moment("created_at"),
    "updated_at": cells.moment("updated_at"),
    **{
        f"address_{part}": cells.text(cells.below("address", part)) for part in _ADDRESS
    },
    **cells.named("redemptions_", _REDEMPTIONS, "summary", "redemptions"),
    **cells.named("orders_", _ORDERS, "summary", "orders"),
    **{
        f"loyalty_{name}": cells.plain(cells.below("loyalty", name))
        for name in _LOYALTY
    },
    "phone": cells.text("phone"),
    "birthday": cells.day("birthday"),
    "birthdate": cells.day("birthdate"),
}


@dataclass(frozen=True)
class _PublishedAt(Column):
    """When the customer was given codes: one of the moments fits."""

    moment: Column
    operators = frozenset({"$after", "$before", "$has_value", "$is_unknown"})

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the customers with a publication that fits."""
        fits = self.moment.matches(condition, name, path, now)
        return Q(Exists(_publications().filter(fits)))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the customers without a publication, or those with one."""
        published = Q(Exists(_publications()))
        return ~published if null else published


@dataclass(frozen=True)
class _PublishedWhat(Column):
    """What the customer was given: a campaign's codes, or one voucher."""

    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the customers who were given one of these."""
        several = condition.operator == "$in"
        values = condition.values if several else condition.values[:1]
        campaigns = [one for one in values if parse_or_none(CAMPAIGN_PREFIX, one)]
        vouchers = [one for one in values if parse_or_none(VOUCHER_PREFIX, one)]
        coded = Voucher.objects.filter(
            Q(pk__in=vouchers) | has_code([str(one) for one in values]),
            project=OuterRef("project"),
        )
        fits = Q(campaign__in=campaigns) | Q(vouchers__in=coded)
        return Q(Exists(_publications().filter(fits)))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the customers without a publication, or those with one."""
        published = Q(Exists(_publications()))
        return ~published if null else published


def _publications() -> QuerySet[Publication]:
    return Publication.objects.succeeded().filter(customer=OuterRef("pk"))


@dataclass(frozen=True)
class _OfCampaign(JsonColumn):
    """What a customer has in one programme; its name may hold dots."""

    part: str = ""

    def keys(self, name: str) -> list[str]:
        """Return the path: the name of the programme is what stands in between."""
        programme = name.split(".", 2)[-1].removesuffix(f".{self.part}")
        return ["campaigns", programme, self.part]


def _kinds(prefix: str) -> dict[str, Kind]:
    """Return the types of the figures below ``prefix``."""
    return {
        path.removeprefix(prefix): kind
        for path, kind in KINDS.items()
        if path.startswith(prefix)
    }


def _columns(terms: Terms) -> Mapping[str, Column]:
    return {
        **{name: terms.moment(name) for name in CREATED},
        **listed.of_customers(terms.project),
        "id": IdColumn("pk", ID_PREFIX),
        "name": TextColumn("name"),
        "email": TextColumn("email", caseless=True),
        "phone": TextColumn("phone"),
        "description": TextColumn("description"),
        "source_id": TextColumn("source_id"),
        "city": TextColumn("city"),
        "birthday": terms.day(F("birthday"), is_birthday=True),
        "birthdate": terms.day(
            Coalesce(F("birthdate"), F("birthday")), is_birthday=True
        ),
        "publications.created_at": _PublishedAt(terms.moment("created_at")),
        "publications.related_object_id": _PublishedWhat(),
        "address.*": terms.json("address"),
        "metadata.*": terms.metadata("customer"),
        "system_metadata.*": terms.json("system_metadata"),
        "summary.*": terms.json("summary", kinds=_kinds("summary.")),
        "loyalty.*": terms.json("loyalty", kinds=_kinds("loyalty.")),
        "loyalty_points.campaigns.*": _OfCampaign(
            "loyalty", calendar=terms.calendar, part="points"
        ),
        "loyalty_tier.campaigns.*": _OfCampaign(
            "loyalty", calendar=terms.calendar, part="loyalty_tier"
        ),
    }


CATALOGUE = Catalogue(
    name="customer",
    label="Customers",
    permission="customers.details.read",
    rows=_rows,
    fields=FIELDS,
    defaults=("name", "source_id"),
    orderings={
        "name": "name",
        "id": "pk",
        **{name: name for name in ("email", "source_id", *CREATED)},
    },
    columns=_columns,
    metadata="customer",
    is_personal=True,
)
