from django.contrib import admin
from django.urls import path

from redemptions.rehearsal.views import try_it

urlpatterns = [path("try-it/", admin.site.admin_view(try_it), name="try-it")]
