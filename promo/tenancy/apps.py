from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "promo.tenancy"
    label = "tenancy"
    verbose_name = "Projects and people"
