from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from celery import current_app
from celery.bin.worker import WorkersPool
from celery.concurrency import solo
from django.conf import settings

from promo import broker
from promo.celery import app
from promo.outbox.tasks import relay_events

_by_default = pytest.mark.skipif(
    settings.CELERY_BROKER_URL != broker.ADDRESS, reason="another broker is configured"
)


def test_tasks_are_sent_through_promos_own_application() -> None:
    assert current_app.main == "promo"
    assert relay_events.app.main == "promo"


def test_tasks_of_every_app_are_found() -> None:
    app.loader.import_default_modules()

    assert {"promo.outbox.tasks.relay_events", "promo.jobs.tasks.run_action"} <= set(
        app.tasks
    )


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert scheduled - set(app.tasks) == set()


def test_a_task_is_acknowledged_only_once_it_is_done() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost


def test_no_results_are_kept() -> None:
    assert app.conf.task_ignore_result
    assert app.conf.result_backend is None


@_by_default
def test_a_worker_on_the_default_broker_is_one_process_without_a_pool() -> None:
    context = click.Context(click.Command("worker"), obj=SimpleNamespace(app=app))

    assert WorkersPool().convert("prefork", None, context) is solo.TaskPool


@_by_default
def test_the_default_broker_keeps_its_messages_in_the_data_folder() -> None:
    with app.connection() as connection:
        messages = Path(connection.default_channel.data_folder_in)

    assert messages.parent == settings.DATA_DIR / "broker"
