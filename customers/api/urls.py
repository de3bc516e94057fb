from django.urls import URLPattern, path

from customers.api.activity import ActivitiesResource, ActivityResource
from customers.api.customers import ClientCustomerView, CustomerResource
from customers.api.locations import LocationResource
from customers.api.segments import (
    CustomerSegmentsView,
    SegmentActivitiesResource,
    SegmentResource,
)

urlpatterns: list[URLPattern] = [
    *CustomerResource.urls(),
    *ActivityResource.urls(),
    *ActivitiesResource.urls(),
    path(
        "v1/customers/<reference:reference>/segments",
        CustomerSegmentsView.as_view(),
        name="v1-customers-segments",
    ),
    path("client/v1/customers", ClientCustomerView.as_view()),
    *SegmentResource.urls(),
    *SegmentActivitiesResource.urls(),
    *LocationResource.urls(),
]
