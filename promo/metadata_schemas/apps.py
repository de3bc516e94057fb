from django.apps import AppConfig


class MetadataSchemasConfig(AppConfig):
    name = "promo.metadata_schemas"
    label = "metadata_schemas"
    verbose_name = "Metadata"
