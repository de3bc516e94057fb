from django.apps import AppConfig


class PromoConfig(AppConfig):
    name = "promo"

    def ready(self) -> None:
        # Whoever sends a task needs the application that knows the broker.
        from promo import celery  # noqa: F401, PLC0415
