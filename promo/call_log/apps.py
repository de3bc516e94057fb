from django.apps import AppConfig


class CallLogConfig(AppConfig):
    name = "promo.call_log"
    label = "call_log"
    verbose_name = "API log"
