from promo.metadata_schemas.views import URLS

urlpatterns = URLS
