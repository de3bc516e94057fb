from django.urls import path

from customers.pages.views import confirm_address, preference_centre, stop_emails

urlpatterns = [
    path("preferences/<str:token>/", preference_centre, name="preference-centre"),
    path("preferences/<str:token>/stop/", stop_emails, name="stop-emails"),
    path("confirm/<str:token>/", confirm_address, name="confirm-address"),
]
