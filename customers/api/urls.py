from django.urls import URLPattern, path

from customers.api.consents import (
    ClientConsentsView,
    ClientCustomerConsentsView,
    ConsentsView,
    CustomerConsentsView,
)
from customers.api.customers import ClientCustomerView, CustomerResource
from customers.api.event_schemas import URLS as EVENT_SCHEMAS
from customers.api.intake import (
    CustomersBulkView,
    CustomersCsvView,
    CustomersMetadataView,
)
from customers.api.locations import LocationResource
from customers.api.segments import (
    CustomerSegmentsView,
    SegmentActivitiesResource,
    SegmentResource,
)

urlpatterns: list[URLPattern] = [
    path(
        "v1/customers/importCSV",
        CustomersCsvView.as_view(),
        name="v1-customers-import-csv",
    ),
    path(
        "v1/customers/bulk/async",
        CustomersBulkView.as_view(),
        name="v1-customers-bulk",
    ),
    path(
        "v1/customers/metadata/async",
        CustomersMetadataView.as_view(),
        name="v1-customers-metadata",
    ),
    *CustomerResource.urls(),
    path(
        "v1/customers/<reference:reference>/segments",
        CustomerSegmentsView.as_view(),
        name="v1-customers-segments",
    ),
    path("client/v1/customers", ClientCustomerView.as_view()),
    path("v1/consents", ConsentsView.as_view(), name="v1-consents"),
    path("client/v1/consents", ClientConsentsView.as_view()),
    path(
        "v1/customers/<reference:reference>/consents",
        CustomerConsentsView.as_view(),
        name="v1-customers-consents",
    ),
    path(
        "client/v1/customers/<reference:reference>/consents",
        ClientCustomerConsentsView.as_view(),
    ),
    *SegmentResource.urls(),
    *SegmentActivitiesResource.urls(),
    *LocationResource.urls(),
    *EVENT_SCHEMAS,
]
