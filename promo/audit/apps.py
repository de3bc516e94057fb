from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "promo.audit"
    label = "audit"
    verbose_name = "Audit log"
