"""The Celery application. Producers import it too, so that tasks find its broker."""

import os
import signal
from functools import cached_property
from typing import Any

from celery import Celery
from celery.apps import beat
from celery.signals import worker_init

from promo import broker
from promo.embedded.startup import start_if_used
from promo.heap import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promo.settings")

broker.register()


class Beat(beat.Beat):
    """Celery's beat, which SIGTERM ends at any moment.

    Celery's own saves the schedule first; told in the midst of another statement, it
    fails at that and goes on for ever. Nothing is lost: a task comes sooner again.
    """

    def install_sync_handler(self, service: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class PromoCelery(Celery):
    """Celery with the beat above."""

    @cached_property
    def Beat(self) -> Any:  # noqa: N802 - Celery's name
        return self.subclass_with_self(Beat)


app = PromoCelery("promo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _begin(**_: Any) -> None:
    """Hold the embedded server, so that whoever ends last stops it; tasks are loaded.

    Processes that are forked later have all of it from here.
    """
    start_if_used()
    settle()
