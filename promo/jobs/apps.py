from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "promo.jobs"
    label = "jobs"
    verbose_name = "Background work"
