from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from promo.api.areas import AreaResource, StoreResource

urlpatterns = [
    *AreaResource.urls(),
    *StoreResource.urls(),
    path(
        "api/schema",
        SpectacularAPIView.as_view(authentication_classes=[]),
        name="schema",
    ),
    path(
        "api/docs",
        SpectacularSwaggerView.as_view(url_name="schema", authentication_classes=[]),
        name="docs",
    ),
]
