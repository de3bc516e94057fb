"""Creating, changing and deleting segments.

Source: data specification, "Segments".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from customers import events
from customers.engine.segments import changes_with_time, parse_segment_filter
from customers.models import Segment, SegmentType
from customers.services.location_lookup import hold_named
from customers.services.rendering import segment_as_json
from customers.services.segment_members import enter
from promo.errors import (
    InvalidPayload,
    ResourceInUse,
    ResourceNotFound,
    ResourceProtected,
)
from promo.jobs.actions import enqueue
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project

RESOURCE = "segment"
MOST_LISTED = 20_000
MOST_DYNAMIC = 100
#: The asynchronous action that finds the members of a filter.
PLACE = "SEGMENT.PLACE_CUSTOMERS"


@transaction.atomic
def create_segment(
    *,
    project: Project,
    now: datetime,
    name: str,
    type: str,  # noqa: A002 - the API's name
    filter: Mapping[str, Any] | None = None,  # noqa: A002 - the API's name
    customers: Sequence[str] = (),
) -> Segment:
    """Store a segment: ``customers`` of a static one, ``filter`` of another.

    A static one has its members at once; those of a filter are found by a worker.

    Raises:
        InvalidPayload: a dynamic one without a sound filter, too many customers, or
            the project has as many dynamic ones as it may.
        ResourceNotFound: one of ``customers`` is unknown.
    """
    if type == SegmentType.STATIC:
        return _create_static(project, name, customers, now)
    fields = _of_filter(project, filter)
    _refuse_too_many(project)
    segment = Segment.objects.create(
        project=project,
        name=name,
        type=type,
        created_at=now,
        placed_on=project.calendar(now).today,
        **fields,
    )
    emit(project, [events.segment_created(segment_as_json(segment))], now=now)
    place_customers(segment, now=now)
    return segment


def _create_static(
    project: Project, name: str, customers: Sequence[str], now: datetime
) -> Segment:
    if len(customers) > MOST_LISTED:
        details = f"Property .customers must NOT have more than {MOST_LISTED} items"
        raise InvalidPayload(details)
    members = known_customers(project, customers)
    segment = Segment.objects.create(
        project=project,
        name=name,
        type=SegmentType.STATIC,
        created_at=now,
        completed_at=now,
    )
    enter([(segment.pk, customer_id) for customer_id in members], now=now)
    emit(project, [events.segment_created(segment_as_json(segment))], now=now)
    return segment


def known_customers(project: Project, named: Sequence[str]) -> list[str]:
    """Return the ids of the customers named by ids or source ids, in one statement.

    Raises:
        ResourceNotFound: one of them is unknown.
    """
    known = project.customers.by_references(list(named))
    by_name: dict[str, str] = {}
    for pk, source_id in known.values_list("pk", "source_id"):
        by_name.setdefault(source_id, pk)
        by_name[pk] = pk
    for text in named:
        if not text or text not in by_name:
            raise ResourceNotFound("customer", text)
    return list(dict.fromkeys(by_name[text] for text in named))


def _of_filter(project: Project, sent: Any) -> dict[str, Any]:
    """Return the fields that a filter decides, and hold the locations it names."""
    parsed = parse_segment_filter(sent)
    hold_named(project, [parsed])
    return {"filter": parsed.to_json(), "follows_clock": changes_with_time(parsed)}


def _refuse_too_many(project: Project) -> None:
    # Held so that two creators cannot both take the last place.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if project.segments.dynamic().count() >= MOST_DYNAMIC:
        raise InvalidPayload(
            f"A project has at most {MOST_DYNAMIC} active and passive segments"
        )


def place_customers(segment: Segment, *, now: datetime) -> None:
    """Have a worker find the members of a dynamic segment."""
    arguments = {"segment_id": segment.pk}
    enqueue(project=segment.project, kind=PLACE, arguments=arguments, now=now)


@transaction.atomic
def update_segment(segment: Segment, *, now: datetime, **values: Any) -> Segment:
    """Change the name, and of a passive one the whole filter.

    Raises:
        ResourceNotFound: it is gone.
        ResourceProtected: the filter of another kind of segment stays.
        InvalidPayload: the filter is not sound.
    """
    held = _lock(segment)
    changed: dict[str, Any] = {}
    if "name" in values:
        changed["name"] = values["name"]
    if "filter" in values:
        if held.type != SegmentType.PASSIVE:
            raise ResourceProtected(
                f"The filter of segment {held.pk} cannot be changed"
            )
        changed |= _of_filter(held.project, values["filter"])
    for field, value in {**changed, "updated_at": now}.items():
        setattr(held, field, value)
    held.save(update_fields=[*changed, "updated_at"])
    shown = segment_as_json(held)
    told = [events.segment_updated(shown)] if "name" in values else []
    if "filter" in values:
        told.append(events.segment_filters_updated(shown))
        place_customers(held, now=now)
    emit(held.project, told, now=now)
    return held


@transaction.atomic
def delete_segment(segment: Segment, *, now: datetime, force: bool = False) -> None:
    """Delete a segment with its memberships. There is no bin to ``force`` past.

    ``SEGMENT_USERS`` names functions of later stages that say what uses one.

    Raises:
        ResourceNotFound: it is gone.
        ResourceInUse: a rule names it.
    """
    held = _lock(segment)
    users = (
        import_string(users_of)(held.project, held.pk)
        for users_of in settings.SEGMENT_USERS
    )
    ResourceInUse.check(users, resource_type=RESOURCE, resource_id=held.pk)
    told = events.segment_deleted(segment_as_json(held))
    held.delete()
    emit(segment.project, [told], now=now)


def _lock(segment: Segment) -> Segment:
    rows = segment.project.segments.filter(pk=segment.pk)
    held = rows.select_related("project").select_for_update(of=("self",)).first()
    if held is None:
        raise ResourceNotFound(RESOURCE, segment.pk)
    return held


OPERATIONS: Operations[Segment] = Operations(
    create=create_segment, update=update_segment, delete=delete_segment
)
