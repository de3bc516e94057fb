from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "promo.approvals"
    label = "approvals"
    verbose_name = "Requests"
