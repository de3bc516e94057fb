"""What happened to a customer, read from the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, Replace
from django.db.models.lookups import Contains

from campaigns.models import Campaign, CampaignType
from campaigns.models.campaign import CAMPAIGN_PREFIX
from customers.services.customer import find_customer
from promo.api.columns import ChoiceColumn, Column, TextColumn
from promo.api.event_feed import EventFeed, OldFeedPagination
from promo.api.filters import QueryFilters
from promo.api.pagination import ListPagination
from promo.filter_grammar import Condition
from promo.outbox.catalogue import heard_by
from promo.outbox.declaring import CATEGORIES, Audience
from promo.outbox.models import DomainEvent

#: The types that clients know.
TYPES = heard_by(Audience.ACTIVITY)


@dataclass(frozen=True)
class CampaignTypeColumn(ChoiceColumn):
    """The type of the campaign that an event is about."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the events about campaigns of the type."""
        kind = self.checked(condition, path)
        digits = Replace(
            Cast("pk", TextField()), Value("-"), Value(""), output_field=TextField()
        )
        shown = Concat(Value(CAMPAIGN_PREFIX), digits, output_field=TextField())
        found = Campaign.objects.filter(
            project=OuterRef("project"), campaign_type__in=kind
        )
        return Q(campaign_id__in=Subquery(found.values(_shown=shown)))


@dataclass(frozen=True)
class ProductColumn(Column):
    """The products in what an event tells, by id."""

    operators = frozenset({"$is"})

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the events that name the product."""
        text = Cast("payload", TextField())
        return Q(Contains(text, Value(f'"{condition.value}"')))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return nothing: no condition asks for it."""
        return Q(pk__in=[])


_SHORTCUTS: Mapping[str, Column] = {
    "type": ChoiceColumn("type", choices=TYPES),
    "category": ChoiceColumn("category", choices=CATEGORIES),
    "campaign_id": TextColumn("campaign_id"),
    "campaign_type": CampaignTypeColumn(
        "campaign_id", choices=tuple(CampaignType.values)
    ),
}


class ActivityResource(EventFeed):
    """The events of one customer that clients know."""

    route = "v1/customers/<reference:reference>/activity"
    resource_type = "customer_event"
    permission_resource = "customers"
    id_prefix = "evcus_"
    query_filters = QueryFilters(shortcuts=_SHORTCUTS, date_range="created_at")

    def find_subject(self, reference: str) -> str:
        return find_customer(self.project, reference).pk

    def events_of(self, subject_id: str) -> QuerySet[DomainEvent]:
        rows = DomainEvent.objects.filter(project=self.project, customer_id=subject_id)
        return rows.exclude(customer_id="").filter(type__in=TYPES)


class ActivitiesResource(ActivityResource):
    """The deprecated twin: a total, and more ways to go through it."""

    route = "v1/customers/<reference:reference>/activities"
    pagination_class: ClassVar[type[ListPagination]] = OldFeedPagination
    orderings: ClassVar[Mapping[str, str]] = {
        **{name: name for name in ("created_at", "type", "category")},
        "updated_at": "created_at",
        "campaign": "campaign_id",
        "code": "entity_id",
    }
    query_filters = QueryFilters(
        shortcuts={**_SHORTCUTS, "product_id": ProductColumn()},
        date_range="created_at",
    )


URLS: list[Any] = [*ActivityResource.urls(), *ActivitiesResource.urls()]
