"""Actions of which a project runs one at a time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from promo.errors import InvalidPayload
from promo.jobs import actions
from promo.jobs.actions import run_step
from promo.jobs.models import ActionStatus, AsyncAction
from promo.jobs.rows.start import stop_action
from promo.tenancy.models import Project
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

KIND = "HOUSE.CLEANING"
LATER = NOW + timedelta(minutes=1)
#: What has been done, in order: which action, and its step.
done: list[tuple[str, int]] = []


def clean(action: AsyncAction, *, now: datetime) -> bool:
    """Take one of three steps."""
    if action.arguments.get("is_wrong"):
        raise InvalidPayload
    step = action.progress.get("step", 0) + 1
    action.progress = {"step": step}
    done.append((action.pk, step))
    return step == 3


@pytest.fixture(autouse=True)
def _house(settings: Any) -> Iterator[None]:
    settings.ONE_AT_A_TIME = {KIND}
    settings.ASYNC_ACTIONS = {KIND: f"{__name__}.clean"}
    settings.ROW_WORK = {KIND: ""}
    done.clear()
    yield
    done.clear()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which actions a worker was asked to run."""
    found: list[str] = []
    monkeypatch.setattr(actions, "current_app", _App(found.append))
    return found


class _App:
    def __init__(self, hear: Callable[[str], Any]) -> None:
        self._hear = hear

    def send_task(self, _name: str, arguments: list[str]) -> None:
        self._hear(arguments[0])


def make(project: Project, **values: Any) -> AsyncAction:
    return AsyncAction.objects.create(
        project=project, **{"type": KIND, "created_at": NOW} | values
    )


def run_through(action_id: str) -> None:
    while run_step(action_id, now=LATER):
        pass


@pytest.mark.django_db
def test_who_came_later_waits_and_takes_nothing(project: Project) -> None:
    make(project)
    later = make(project)

    owed = run_step(later.pk, now=LATER)

    assert not owed
    assert done == []
    later.refresh_from_db()
    assert (later.status, later.stepped_at) == (ActionStatus.ACCEPTED, LATER)


@pytest.mark.django_db
def test_the_end_of_one_asks_for_the_next(
    project: Project, asked: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    first, second, third = make(project), make(project), make(project)
    run_through(third.pk)
    run_through(second.pk)

    with django_capture_on_commit_callbacks(execute=True):
        run_through(first.pk)

    assert asked == [second.pk]
    run_through(second.pk)
    assert done == [(one.pk, n) for one in (first, second) for n in (1, 2, 3)]
    assert not third.progress


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["failed", "stopped"])
def test_one_that_ends_early_lets_the_next_one_go_on(
    project: Project,
    asked: list[str],
    django_capture_on_commit_callbacks: Any,
    end: str,
) -> None:
    first = make(project, arguments={"is_wrong": end == "failed"})
    second = make(project)

    with django_capture_on_commit_callbacks(execute=True):
        if end == "failed":
            run_step(first.pk, now=LATER)
        else:
            stop_action(first, now=LATER)

    assert asked == [second.pk]
    run_through(second.pk)
    assert done == [(second.pk, 1), (second.pk, 2), (second.pk, 3)]


@pytest.mark.django_db
def test_who_has_begun_goes_before_an_earlier_one(project: Project) -> None:
    begun = make(project, created_at=LATER)
    run_step(begun.pk, now=LATER)
    earlier = make(project)

    run_through(earlier.pk)
    run_through(begun.pk)

    assert done == [(begun.pk, 1), (begun.pk, 2), (begun.pk, 3)]


@pytest.mark.django_db
def test_neither_another_project_nor_another_type_waits(
    project: Project, settings: Any
) -> None:
    settings.ASYNC_ACTIONS |= {"HOUSE.PAINTING": f"{__name__}.clean"}
    make(project)
    painting = make(project, type="HOUSE.PAINTING")
    elsewhere = make(ProjectFactory.create())

    run_through(painting.pk)
    run_through(elsewhere.pk)

    assert {pk for pk, _ in done} == {painting.pk, elsewhere.pk}


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_run_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = ProjectFactory.create()
    monkeypatch.setattr(actions, "current_app", _App(run_through))
    waiting = [make(project) for _ in range(4)]

    at_once(*(partial(run_through, one.pk) for one in waiting))

    ended = AsyncAction.objects.filter(status=ActionStatus.DONE)
    assert ended.count() == 4
    assert len(done) == 12
    # Nobody's steps stand between those of another one.
    in_turn = [pk for pk, step in done if step == 1]
    assert done == [(pk, step) for pk in in_turn for step in (1, 2, 3)]
