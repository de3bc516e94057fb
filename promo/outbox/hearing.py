"""Whom events are about, for those who hear them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project


def customers_by_project(
    events: Iterable[DomainEvent],
    people_of: Callable[[DomainEvent], Iterable[str]],
) -> Iterator[tuple[Project, list[str]]]:
    """Return each project with the ids of its customers that ``events`` are about.

    ``people_of`` says whom an event is about. Ids come sorted and once each.
    """
    by_project = attrgetter("project_id")
    for _, group in groupby(sorted(events, key=by_project), key=by_project):
        mine = list(group)
        people = {person for event in mine for person in people_of(event)}
        if people:
            yield mine[0].project, sorted(people)
