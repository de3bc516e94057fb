"""Long work takes turns with other work, and may be done in parts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from promo.celery import app
from promo.clock import utc_now
from promo.errors import InvalidPayload
from promo.jobs import tasks
from promo.jobs.actions import ask_again, enqueue, run_all, run_step
from promo.jobs.models import AsyncAction
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.promo.jobs.test_turns"
AT_ONCE = timedelta(0)


def count_step(action: AsyncAction, *, now: datetime) -> bool:
    """Count to what was asked for, one a step."""
    action.progress["done"] = action.progress.get("done", 0) + 1
    if action.progress["done"] > action.arguments["until"]:
        raise InvalidPayload("too far")
    return bool(action.progress["done"] == action.arguments["count"])


def split_step(action: AsyncAction, *, now: datetime) -> bool:
    """Leave counting to two parts; note what they came to."""
    parts = list(action.parts.order_by("pk"))
    if not parts:
        for count in (1, 2):
            counting(action.project, count=count, parent=action)
        return False
    action.result = {"done": [part.progress["done"] for part in parts]}
    return True


def counting(project: Project, *, count: int, **values: Any) -> AsyncAction:
    arguments = {"count": count, "until": values.pop("until", 9)}
    return enqueue(
        project=project, kind="COUNT", arguments=arguments, now=NOW, **values
    )


@pytest.fixture(autouse=True)
def sent(settings: Any) -> Iterator[list[list[Any]]]:
    """The messages to workers: what they are to run, and at which turn."""
    settings.ASYNC_ACTIONS = {
        "COUNT": f"{HERE}.count_step",
        "SPLIT": f"{HERE}.split_step",
    }
    messages: list[list[Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "send_task", lambda _, arguments: messages.append(arguments))
        yield messages


def test_a_worker_runs_short_work_to_its_end(
    project: Project, sent: list[list[Any]]
) -> None:
    action = counting(project, count=3)

    tasks.run_action(*sent[0])

    action.refresh_from_db()
    assert (action.status, action.progress) == ("DONE", {"done": 3})
    assert sent == [[action.pk, 0]]


def test_long_work_queues_up_again_behind_what_else_waits(
    project: Project, sent: list[list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SLICE", AT_ONCE)
    long, short = counting(project, count=3), counting(project, count=1)

    for message in sent:
        tasks.run_action(*message)

    assert sent == [[long.pk, 0], [short.pk, 0], [long.pk, 1], [long.pk, 2]]
    assert not AsyncAction.objects.workable().exists()


def test_a_message_of_an_earlier_turn_is_void(
    project: Project, sent: list[list[Any]]
) -> None:
    action = counting(project, count=1)
    ask_again(action.pk)

    tasks.run_action(*sent[0])

    action.refresh_from_db()
    assert action.progress == {}

    tasks.run_action(*sent[1])

    action.refresh_from_db()
    assert action.status == "DONE"


def test_nobody_is_asked_where_somebody_has_been_since(
    project: Project, sent: list[list[Any]]
) -> None:
    action = counting(project, count=1)
    ask_again(action.pk)

    ask_again(action.pk, turn=0)

    action.refresh_from_db()
    assert (action.turn, sent) == (1, [[action.pk, 0], [action.pk, 1]])


def test_nobody_is_asked_for_what_is_done(
    project: Project, sent: list[list[Any]]
) -> None:
    action = counting(project, count=1)
    run_all(project, now=NOW)

    ask_again(action.pk)

    assert len(sent) == 1


def test_the_sweep_asks_for_what_was_left(
    project: Project, sent: list[list[Any]]
) -> None:
    left = counting(project, count=1)
    fresh = counting(project, count=2)
    AsyncAction.objects.filter(pk=fresh.pk).update(stepped_at=utc_now())
    sent.clear()

    tasks.sweep_actions()

    assert sent == [[left.pk, 1]]


def test_an_action_goes_on_once_all_of_its_parts_have_ended(
    project: Project, sent: list[list[Any]]
) -> None:
    action = enqueue(project=project, kind="SPLIT", arguments={}, now=NOW)
    tasks.run_action(*sent[0])
    parts = list(action.parts.order_by("pk"))
    assert sent[1:] == [[parts[0].pk, 0], [parts[1].pk, 0]]

    tasks.run_action(*sent[1])
    ask_again(action.pk)
    assert not run_step(action.pk, now=NOW)
    assert tasks.stale_actions(NOW + timedelta(days=1)) == [parts[1].pk]
    tasks.run_action(*sent[2])
    assert sent[3:] == [[action.pk, 1]]
    tasks.run_action(*sent[3])

    action.refresh_from_db()
    assert (action.status, action.result) == ("DONE", {"done": [1, 2]})


def test_an_action_goes_on_when_a_part_has_failed(
    project: Project, sent: list[list[Any]]
) -> None:
    action = enqueue(project=project, kind="SPLIT", arguments={}, now=NOW)
    part = counting(project, count=2, until=1, parent=action)

    run_all(project, now=NOW)

    action.refresh_from_db()
    part.refresh_from_db()
    assert (part.status, part.progress) == ("FAILED", {"done": 1})
    assert (action.status, action.result) == ("DONE", {"done": [1]})
    assert sent[-1] == [action.pk, 1]
