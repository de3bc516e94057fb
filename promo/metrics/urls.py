from django.urls import path

from promo.metrics.views import metrics

urlpatterns = [path("metrics", metrics, name="metrics")]
