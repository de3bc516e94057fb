from django.contrib import admin
from django.urls import path

from redemptions.counter.views import redeem_by_hand, redeemed_by_hand

urlpatterns = [
    path("redeem/", admin.site.admin_view(redeem_by_hand), name="redeem-by-hand"),
    path(
        "redeem/<str:redemption_id>/",
        admin.site.admin_view(redeemed_by_hand),
        name="redeemed-by-hand",
    ),
]
