"""Placing customers: who enters and leaves the segments that filters define.

Customers are placed anew by the relay after whatever happened to them; all customers
of a project are when a filter is new, and once a day where a filter looks at the clock.
Whoever places all of them holds the segment against the relay: so each sees what the
other has written, and what changes in between is placed again after it.

Source: data specification, "Recalculation and membership".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from customers import events
from customers.engine.segments import events_named
from customers.models import Customer, Segment, SegmentMember, SegmentType
from customers.services.custom_event import happened
from customers.services.hearing import people_of
from customers.services.rendering import full_customer, simple_segment
from customers.services.segment import place_customers
from customers.services.segment_lookup import (
    asking,
    readable_filters,
    stored_profile,
)
from customers.services.segment_members import Place, enter, leave
from customers.services.segment_sql import place_everybody
from promo.ids import parse
from promo.jobs.models import AsyncAction
from promo.outbox.events import Event, emit
from promo.outbox.hearing import customers_by_project
from promo.outbox.models import DomainEvent
from promo.row_reader import RowReader
from promo.tenancy.models import Project

#: No zone is further ahead of UTC.
_FURTHEST_AHEAD = timedelta(hours=14)
_OWN_EVENTS = "customer.segment."

_SEGMENT = RowReader(Segment, "s")
# Shared among relays, and not with who places everybody in one of them.
_DYNAMIC = f"""
SELECT {_SEGMENT.columns} FROM {_SEGMENT.table} s
WHERE s.project_id = %s AND s.type <> 'static' ORDER BY s.id FOR SHARE
"""  # noqa: S608 - put together from names of our own model


def hear_events(told: Sequence[DomainEvent], *, now: datetime) -> None:
    """Place anew the customers whom events are about, in the relay's transaction.

    Six statements a project, whatever the number of events, customers and segments,
    and one more each where a filter names a location or a custom event.
    """
    for project, customers in customers_by_project(told, _people_of):
        place_again(project, customers, now=now)


def _people_of(event: DomainEvent) -> Iterable[str]:
    """Return who may be in other segments now."""
    return () if event.type.startswith(_OWN_EVENTS) else people_of(event)


def place_again(
    project: Project, customer_ids: Sequence[str], *, now: datetime
) -> None:
    """Let customers enter and leave the dynamic segments, in the caller's transaction.

    They are held first: of two who place somebody, the later one sees what the earlier
    one saw.
    """
    rows = Customer.objects.filter(project=project, pk__in=customer_ids)
    held = list(rows.alive().order_by("pk").select_for_update(no_key=True))
    segments = _SEGMENT.select(_DYNAMIC, [parse("proj_", project.pk)])
    if segments:
        _place(project, segments, held, now)


@transaction.atomic
def place_step(action: AsyncAction, *, now: datetime) -> bool:
    """Place all customers of a project in one segment, by one statement.

    A segment that has been deleted meanwhile is complete.
    """
    project = action.project
    rows = project.segments.filter(pk=action.arguments["segment_id"])
    segment = rows.select_for_update(no_key=True).first()
    if segment is None:
        return True
    members = place_everybody(project, segment, now=now)
    if segment.completed_at is None:
        segment.completed_at = now
        segment.save(update_fields=["completed_at"])
    action.result = {"members_count": members}
    return True


def follow_clock(*, now: datetime) -> int:
    """Place everybody again where a new day has begun; return in how many segments.

    A filter that looks at the clock is asked once a day, after midnight in the zone of
    its project.
    """
    ahead = (now + _FURTHEST_AHEAD).date()
    due = Segment.objects.filter(
        follows_clock=True, completed_at__isnull=False, placed_on__lt=ahead
    )
    begun = 0
    for segment in due.select_related("project"):
        today = segment.project.calendar(now).today
        if segment.placed_on is not None and segment.placed_on < today:
            begun += _begin_day(segment, now)
    return begun


@transaction.atomic
def _begin_day(segment: Segment, now: datetime) -> bool:
    # Whoever writes the day first begins it.
    undone = Segment.objects.filter(pk=segment.pk, placed_on=segment.placed_on)
    if not undone.update(placed_on=segment.project.calendar(now).today):
        return False
    place_customers(segment, now=now)
    return True


def _place(
    project: Project,
    segments: Sequence[Segment],
    customers: Sequence[Customer],
    now: datetime,
) -> None:
    """Compare where customers belong with where they are, and write the difference."""
    people = {one.pk: one for one in customers}
    named = {one.pk: one for one in segments}
    rows = SegmentMember.objects.filter(segment__in=named, customer__in=people)
    known = set(rows.values_list("segment_id", "customer_id"))
    wanted = set(_belonging(project, segments, customers, now))
    entered = enter(sorted(wanted - known), now=now)
    left = leave(sorted(known - wanted))
    emit(project, list(_told(entered, left, named, people)), now=now)


def _belonging(
    project: Project,
    segments: Iterable[Segment],
    customers: Sequence[Customer],
    now: datetime,
) -> Iterable[Place]:
    filters = readable_filters(segments)
    asks = asking(project, filters.values(), now)
    people = [one.pk for one in customers]
    done = happened(people, events_named(filters.values()))
    profiles = [
        {**stored_profile(one), "events": done.get(one.pk, {})} for one in customers
    ]
    for segment_id, wanted in filters.items():
        for profile in profiles:
            if asks(wanted, profile):
                yield segment_id, profile["id"]


def _told(
    entered: Iterable[Place],
    left: Iterable[Place],
    segments: Mapping[str, Segment],
    people: Mapping[str, Customer],
) -> Iterable[Event]:
    """Tell of who moved; only active segments do, once their members are complete."""
    for tell, places in (
        (events.segment_entered, entered),
        (events.segment_left, left),
    ):
        for segment_id, customer_id in places:
            segment = segments[segment_id]
            if segment.type == SegmentType.AUTO_UPDATE and segment.completed_at:
                shown = simple_segment(segment.pk, segment.name)
                yield tell(full_customer(people[customer_id]), shown)
