from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "promo.api"
    label = "api"
