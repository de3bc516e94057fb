from django.urls import path

from promo.sign_in.join import join

urlpatterns = [path("join/<str:token>/", join, name="join")]
