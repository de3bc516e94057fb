from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "promo.outbox"
    label = "outbox"
    verbose_name = "Events"
