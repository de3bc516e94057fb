from django.urls import path

from customers.pages.views import confirm_address, preference_centre

urlpatterns = [
    path("preferences/<str:token>/", preference_centre, name="preference-centre"),
    path("confirm/<str:token>/", confirm_address, name="confirm-address"),
]
