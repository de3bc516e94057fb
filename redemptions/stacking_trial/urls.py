from django.contrib import admin
from django.urls import path

from redemptions.stacking_trial.views import try_stacking

urlpatterns = [
    path(
        "stacking-trial/",
        admin.site.admin_view(try_stacking),
        name="try-stacking",
    ),
]
