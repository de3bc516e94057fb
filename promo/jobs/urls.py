from promo.jobs.views import AsyncActionResource

urlpatterns = AsyncActionResource.urls()
