from django.urls import URLPattern, path

from customers.api.activity import ActivitiesResource, ActivityResource
from customers.api.customers import ClientCustomerView, CustomerResource

urlpatterns: list[URLPattern] = [
    *CustomerResource.urls(),
    *ActivityResource.urls(),
    *ActivitiesResource.urls(),
    path("client/v1/customers", ClientCustomerView.as_view()),
]
