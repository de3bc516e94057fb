"""The Celery application. Producers import it too, so that tasks find its broker."""

import os

from celery import Celery

from promo import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promo.settings")

broker.register()

app = Celery("promo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
