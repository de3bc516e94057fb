from corsheaders.signals import check_request_enabled
from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "promo.api"
    label = "api"

    def ready(self) -> None:
        """Let corsheaders ask us about origins: the hook it documents for that."""
        from promo.api.origins import admits_cross_origin  # noqa: PLC0415 - needs the models

        check_request_enabled.connect(
            admits_cross_origin, dispatch_uid="promo.api.origins"
        )
