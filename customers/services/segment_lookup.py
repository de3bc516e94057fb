"""Which segments somebody is in, asked at the checkout or for one customer.

A listed member is one by being stored; filters are asked about the profile as it would
be with what a request sends.

Source: data specification, "Segments of a customer"; rules specification, "Segments".
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import structlog
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.engine.profile import merged_address, merged_metadata
from customers.engine.segments import (
    Profile,
    belongs,
    events_named,
    parse_segment_filter,
)
from customers.models import Customer, Segment, SegmentMember, SegmentType
from customers.models.customer import empty_loyalty, empty_summary
from customers.models.segment import SEGMENT_PREFIX
from customers.services.custom_event import happened
from customers.services.location_lookup import shapes_named
from customers.services.rendering import full_customer
from customers.services.upsert import CustomerDraft
from promo.errors import InvalidPayload
from promo.filter_grammar import Filter
from promo.ids import parse_or_none
from promo.metadata_schemas.known import known_schemas
from promo.tenancy.models import Project

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Placed:
    """The segments that hold somebody, what their filters ask, and whom they saw."""

    segments: Sequence[Segment]
    filters: Mapping[str, Filter]
    profile: Profile


def segments_holding(
    project: Project,
    customer: Customer | None,
    draft: CustomerDraft,
    *,
    named: Collection[str],
    now: datetime,
) -> frozenset[str]:
    """Return which of the ``named`` segments hold who asks.

    One statement, and one more when a filter names a location or a custom event.

    ``customer`` is the stored profile, if there is one, ``draft`` what the request
    says about it. Ids that name no segment of the project hold nobody.
    """
    ids = [text for text in named if parse_or_none(SEGMENT_PREFIX, text)]
    if not ids:
        return frozenset()
    rows = project.segments.filter(pk__in=ids)
    profile = requested_profile(customer, draft)
    held = _holding(project, rows, customer, profile, now)
    return frozenset(segment.pk for segment in held.segments)


def segments_of_each(
    project: Project,
    customers: Collection[Customer],
    *,
    named: Collection[str],
    now: datetime,
) -> dict[str, frozenset[str]]:
    """Return which of the ``named`` segments hold each of stored ``customers``, by id.

    At most four statements, whatever the number of customers.
    """
    ids = [text for text in named if parse_or_none(SEGMENT_PREFIX, text)]
    if not ids or not customers:
        return {one.pk: frozenset() for one in customers}
    segments = list(project.segments.filter(pk__in=ids))
    filters = readable_filters(segments)
    asks = asking(project, filters.values(), now)
    keys = [one.pk for one in customers]
    listed: dict[str, set[str]] = {key: set() for key in keys}
    static = [one.pk for one in segments if one.type == SegmentType.STATIC]
    members = SegmentMember.objects.filter(segment__in=static, customer__in=keys)
    for key, segment in members.values_list("customer_id", "segment_id"):
        listed[key].add(segment)
    done = happened(keys, events_named(filters.values()))
    found = {}
    for one in customers:
        profile = {**stored_profile(one), "events": done.get(one.pk, {})}
        holding = {pk for pk, wanted in filters.items() if asks(wanted, profile)}
        found[one.pk] = frozenset(listed[one.pk] | holding)
    return found


def segments_of(project: Project, reference: str, *, now: datetime) -> list[Segment]:
    """Return all segments that a customer is in, newest first.

    At most four statements.

    Somebody unknown is in those that an empty profile with that source id falls into.
    """
    found = list(project.customers.by_reference(reference))
    customer = next((one for one in found if one.pk == reference), None)
    customer = customer or (found[0] if found else None)
    profile = requested_profile(customer, CustomerDraft(source_id=reference))
    rows = project.segments.all()
    return list(_holding(project, rows, customer, profile, now).segments)


def segments_around(customer: Customer, *, now: datetime) -> Placed:
    """Return the segments that hold a stored customer, newest first, and why they do.

    At most three statements.
    """
    rows = customer.project.segments.all()
    profile = stored_profile(customer)
    return _holding(customer.project, rows, customer, profile, now)


def _holding(
    project: Project,
    rows: QuerySet[Segment],
    customer: Customer | None,
    profile: Profile,
    now: datetime,
) -> Placed:
    if customer is None:
        rows = rows.filter(~Q(type=SegmentType.STATIC))
    else:
        held = SegmentMember.objects.filter(segment=OuterRef("pk"), customer=customer)
        rows = rows.filter(~Q(type=SegmentType.STATIC) | Exists(held))
    segments = list(rows)
    filters = readable_filters(segments)
    asks = asking(project, filters.values(), now)
    if customer is not None:
        done = happened([customer.pk], events_named(filters.values()))
        profile = {**profile, "events": done.get(customer.pk, {})}
    holding = {pk for pk, wanted in filters.items() if asks(wanted, profile)}
    found = [
        segment
        for segment in segments
        if segment.type == SegmentType.STATIC or segment.pk in holding
    ]
    return Placed(found, filters, profile)


def asking(
    project: Project, filters: Collection[Filter], now: datetime
) -> Callable[[Filter, Profile], bool]:
    """Return what says whether one of ``filters`` holds for a profile.

    One statement when a filter names a location, else none.
    """
    return partial(
        belongs,
        calendar=project.calendar(now),
        locations=shapes_named(project, filters),
        schema=known_schemas(project).kinds.get("customer"),
    )


def stored_profile(customer: Customer) -> dict[str, Any]:
    """Return a customer as filters see one: as the API shows it, and who made it."""
    return {**full_customer(customer), "source": customer.source}


def requested_profile(
    customer: Customer | None, draft: CustomerDraft
) -> dict[str, Any]:
    """Return the profile as the API would show it with what a request sends.

    Nothing is checked or stored. Fields that are sent replace, metadata and address
    merge.
    """
    shown: dict[str, Any] = {
        "source_id": draft.source_id or None,
        "metadata": {},
        "address": None,
        "summary": empty_summary(),
        "loyalty": empty_loyalty(),
    }
    if customer is not None:
        shown = stored_profile(customer)
    for name, value in draft.values.items():
        if name == "metadata":
            shown[name] = merged_metadata(shown[name] or {}, value)
        elif name == "address":
            shown[name] = merged_address(shown[name], value)
        else:
            shown[name] = value.isoformat() if isinstance(value, date) else value
    return shown


def readable_filters(segments: Iterable[Segment]) -> dict[str, Filter]:
    """Return the filters of the dynamic ones among ``segments``, by their ids.

    One that cannot be read is left out, with a log line.
    """
    dynamic = (one for one in segments if one.type != SegmentType.STATIC)
    found = ((one.pk, _readable_filter(one)) for one in dynamic)
    return {pk: wanted for pk, wanted in found if wanted is not None}


def _readable_filter(segment: Segment) -> Filter | None:
    try:
        return parse_segment_filter(segment.filter)
    except InvalidPayload as failure:
        log.error(
            "segment_filter_unreadable", segment_id=segment.pk, reason=str(failure)
        )
        return None
