"""Whom events are about, for those who hear them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project


def customers_by_project(
    events: Iterable[DomainEvent], customer_of: Callable[[DomainEvent], str]
) -> Iterator[tuple[Project, list[str]]]:
    """Return each project with the ids of its customers that ``events`` are about.

    ``customer_of`` says whom an event is about, empty for nobody. Ids come sorted and
    once each.
    """
    by_project = attrgetter("project_id")
    ours = sorted(filter(customer_of, events), key=by_project)
    for _, group in groupby(ours, key=by_project):
        mine = list(group)
        yield mine[0].project, sorted({customer_of(event) for event in mine})
