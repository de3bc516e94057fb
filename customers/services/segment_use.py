"""Segments as others begin to use them: whether they are there, and active.

Source: data specification, "Types", "Recalculation and membership".
"""

from datetime import datetime

from django.db import transaction

from customers import events
from customers.models import Segment, SegmentType
from customers.models.segment import SEGMENT_PREFIX
from customers.services.rendering import segment_as_json
from customers.services.segment import RESOURCE
from promo.errors import ResourceNotFound
from promo.ids import parse_or_none
from promo.outbox.events import emit
from promo.tenancy.models import Project


@transaction.atomic
def hold_segment(project: Project, segment_id: str) -> Segment:
    """Return a segment, which nobody deletes while the transaction runs.

    Raises:
        ResourceNotFound: the project has none.
    """
    found = None
    if parse_or_none(SEGMENT_PREFIX, segment_id) is not None:
        rows = project.segments.filter(pk=segment_id)
        found = rows.select_for_update(no_key=True).first()
    if found is None:
        raise ResourceNotFound(RESOURCE, segment_id)
    return found


@transaction.atomic
def activate_segment(project: Project, segment_id: str, *, now: datetime) -> Segment:
    """Let a passive segment tell who enters and leaves from now on; others stay.

    Raises:
        ResourceNotFound: the project has none.
    """
    segment = hold_segment(project, segment_id)
    if segment.type != SegmentType.PASSIVE:
        return segment
    segment.type, segment.updated_at = SegmentType.AUTO_UPDATE, now
    segment.save(update_fields=["type", "updated_at"])
    emit(project, [events.segment_activated(segment_as_json(segment))], now=now)
    return segment


def is_complete(project: Project, segment_id: str) -> bool | None:
    """Say whether the members of a segment have been found; None where it is gone."""
    rows = project.segments.filter(pk=segment_id)
    found = rows.values_list("completed_at", flat=True)
    return None if not found else found[0] is not None


def name_of(project: Project, segment_id: str) -> str:
    """Return what a segment is called, its id where it is gone."""
    found = project.segments.filter(pk=segment_id).values_list("name", flat=True)
    return next(iter(found), segment_id)
