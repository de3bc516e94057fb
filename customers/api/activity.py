"""What happened to a customer, read from the outbox."""

from typing import ClassVar

from django.db.models import QuerySet

from customers.services.customer import find_customer
from promo.api.event_feed import EventFeed
from promo.api.pagination import ListPagination, PagePagination
from promo.outbox.models import DomainEvent


class ActivityResource(EventFeed):
    route = "v1/customers/<reference:reference>/activity"
    resource_type = "customer_event"
    permission_resource = "customers"
    id_prefix = "evcus_"

    def find_subject(self, reference: str) -> str:
        return find_customer(self.project, reference).pk

    def events_of(self, subject_id: str) -> QuerySet[DomainEvent]:
        rows = DomainEvent.objects.filter(project=self.project, customer_id=subject_id)
        return rows.exclude(customer_id="")


class ActivitiesResource(ActivityResource):
    """The deprecated twin: pages and a total."""

    route = "v1/customers/<reference:reference>/activities"
    pagination_class: ClassVar[type[ListPagination]] = PagePagination
