"""The Celery application. Producers import it too, so that tasks find its broker."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from promo import broker
from promo.embedded.startup import start_if_used

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promo.settings")

broker.register()

app = Celery("promo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _hold_database(**_: Any) -> None:
    """Hold the embedded server, so that whoever ends last stops it."""
    start_if_used()
