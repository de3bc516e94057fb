from django.contrib import admin
from django.urls import path

from redemptions.campaign_calendar.views import address, calendar, feed, move

urlpatterns = [
    path("calendar/", admin.site.admin_view(calendar), name="campaign-calendar"),
    path(
        "calendar/drafts/<str:draft_id>/move/",
        admin.site.admin_view(move),
        name="calendar-move",
    ),
    path("calendar/address/", admin.site.admin_view(address), name="calendar-address"),
    path("calendar/feed/<str:feed_token>.ics", feed, name="calendar-feed"),
]
