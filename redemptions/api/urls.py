from django.urls import URLPattern, path

from redemptions.api.checkout import (
    ClientRedemptionView,
    ClientValidationView,
    RedemptionView,
    ValidationView,
)

urlpatterns: list[URLPattern] = [
    path("v1/validations", ValidationView.as_view()),
    path("v1/redemptions", RedemptionView.as_view()),
    path("client/v1/validations", ClientValidationView.as_view()),
    path("client/v1/redemptions", ClientRedemptionView.as_view()),
]
