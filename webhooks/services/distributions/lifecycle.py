"""Making, changing, starting, pausing and deleting distributions.

A manual one starts ten minutes after it was saved last, so that a slip can be mended;
an automatic one listens from the moment it is activated.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns.services.rule_assignments import forget_rules
from customers.services.segment_use import activate_segment
from promo.errors import BadRequest, InvalidPayload, ResourceNotFound, ResourceProtected
from promo.operations import Operations
from promo.tenancy.models import Project
from webhooks.engine.distributions.definition import Definition
from webhooks.models import (
    Distribution,
    DistributionCount,
    DistributionKind,
    DistributionStatus,
    Webhook,
)
from webhooks.services.distributions.definitions import (
    PARTS,
    read_channels,
    read_definition,
    segments_named,
    told_by,
)
from webhooks.services.distributions.endpoints import follow_status, keep_endpoint

RESOURCE = "distribution"
#: So long a manual distribution waits after it was saved.
GRACE = timedelta(minutes=10)
_OVER = {DistributionStatus.DONE, DistributionStatus.FAILED}


@transaction.atomic
def create_distribution(
    *, project: Project, now: datetime, name: str, kind: str, **parts: Any
) -> Distribution:
    """Return a new draft, which sends nothing until it is activated.

    Raises:
        InvalidPayload: a part that does not fit, by its path.
        ResourceNotFound: it names something that the project does not have.
    """
    read = read_definition(project, kind, parts)
    made = Distribution(
        project=project,
        name=name,
        kind=kind,
        channels=read_channels(project, parts.get("channels"), read),
        created_at=now,
    )
    _write(made, read)
    made.save(force_insert=True)
    keep_endpoint(made, now=now)
    return made


@transaction.atomic
def update_distribution(
    distribution: Distribution, *, now: datetime, **values: Any
) -> Distribution:
    """Change a distribution; a part that is given replaces what there was of it.

    What waits already goes out as the distribution says by then. A manual one that
    waits for its start waits anew.

    Raises:
        InvalidPayload: as ``create_distribution``; nothing has changed.
        ResourceNotFound: as ``create_distribution``, or it is gone.
        ResourceProtected: a manual one that has started, or one that is over.
    """
    held = hold(distribution)
    _check_open(held)
    if values.pop("kind", held.kind) != held.kind:
        details = "Property .kind cannot be changed"
        raise InvalidPayload(details)
    before = dict(held.trigger)
    read = read_definition(held.project, held.kind, _merged(held, values))
    if "channels" in values or told_by(read) != told_by(definition_of(held)):
        sent = values.get("channels", held.channels)
        held.channels = read_channels(held.project, sent, read)
    held.name = values.get("name", held.name)
    _write(held, read)
    held.updated_at = now
    if held.status == DistributionStatus.SCHEDULED:
        held.starts_at = now + GRACE
    if held.status in {DistributionStatus.SCHEDULED, DistributionStatus.ACTIVE}:
        _begin_to_use(held.project, read, now)
    if held.status == DistributionStatus.ACTIVE and held.trigger != before:
        _look_back(held, now)
    held.save()
    keep_endpoint(held, now=now)
    return held


@transaction.atomic
def activate(distribution: Distribution, *, now: datetime) -> Distribution:
    """Let a draft run: an automatic one at once, a manual one in ten minutes.

    Raises:
        BadRequest: ``invalid_distribution_status``; it is no draft.
        ResourceNotFound: something it names is gone meanwhile.
    """
    held = hold(distribution)
    _check_status(held, "activated", DistributionStatus.DRAFT)
    read = read_definition(held.project, held.kind, _merged(held, {}))
    _begin_to_use(held.project, read, now)
    if held.kind == DistributionKind.MANUAL:
        held.status, held.starts_at = DistributionStatus.SCHEDULED, now + GRACE
    else:
        held.status = DistributionStatus.ACTIVE
        _look_back(held, now)
    held.updated_at = now
    held.save()
    follow_status(held, now=now)
    return held


@transaction.atomic
def pause(distribution: Distribution, *, now: datetime) -> Distribution:
    """Let a distribution rest: it hears nothing, and keeps what it owes.

    Raises:
        BadRequest: ``invalid_distribution_status``; it does not run.
    """
    held = hold(distribution)
    _check_status(
        held, "paused", DistributionStatus.SCHEDULED, DistributionStatus.ACTIVE
    )
    set_paused(held, reason="", now=now)
    return held


def set_paused(held: Distribution, *, reason: str, now: datetime) -> None:
    """Pause a distribution that the caller holds; ``reason`` is a key."""
    held.status, held.paused_reason = DistributionStatus.PAUSED, reason
    held.updated_at, held.notice_sent_at = now, None
    held.save()
    Webhook.objects.filter(distribution=held).update(active=False)


@transaction.atomic
def resume(distribution: Distribution, *, now: datetime) -> Distribution:
    """Let a paused distribution go on with what it owes.

    A manual one that had not started waits ten minutes again.

    Raises:
        BadRequest: ``invalid_distribution_status``; it is not paused.
    """
    held = hold(distribution)
    _check_status(held, "resumed", DistributionStatus.PAUSED)
    held.status, held.paused_reason = DistributionStatus.ACTIVE, ""
    held.notice_sent_at, held.updated_at = None, now
    if held.kind == DistributionKind.MANUAL and not has_started(held):
        held.status, held.starts_at = DistributionStatus.SCHEDULED, now + GRACE
    held.save()
    follow_status(held, now=now)
    return held


@transaction.atomic
def delete_distribution(
    distribution: Distribution, *, now: datetime, force: bool = False
) -> None:
    """Delete a distribution with its messages, sent or not, and the rule on it.

    There is no bin.

    Raises:
        ResourceNotFound: it is gone.
    """
    held = hold(distribution)
    DistributionCount.objects.filter(project=held.project, subject=held.pk).delete()
    forget_rules(project=held.project, related_ids=[held.pk])
    held.delete()


def hold(distribution: Distribution) -> Distribution:
    """Return a distribution that nobody else changes while the transaction runs.

    Raises:
        ResourceNotFound: it is gone.
    """
    rows = Distribution.objects.filter(pk=distribution.pk).select_related("project")
    held = rows.select_for_update(of=("self",), no_key=True).first()
    if held is None:
        raise ResourceNotFound(RESOURCE, distribution.pk)
    return held


def has_started(distribution: Distribution) -> bool:
    """Say whether somebody of a manual distribution's audience was reached already."""
    return bool(distribution.reached_id) or distribution.reached_all_at is not None


def definition_of(distribution: Distribution) -> Definition:
    """Return the stored parts."""
    parts = {name: getattr(distribution, name) for name in PARTS}
    return Definition(kind=distribution.kind, **parts)


def _merged(held: Distribution, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.get(name, getattr(held, name)) for name in PARTS}


def _write(distribution: Distribution, read: Definition) -> None:
    parts = asdict(read)
    for name in PARTS:
        setattr(distribution, name, parts[name])
    distribution.trigger_type = read.trigger_type


def _begin_to_use(project: Project, read: Definition, now: datetime) -> None:
    """Let segments tell who enters and leaves, now that somebody listens."""
    for segment_id in segments_named(read):
        activate_segment(project, segment_id, now=now)


def _look_back(held: Distribution, now: datetime) -> None:
    """Begin with who is in the segment already, where that is asked for."""
    if held.trigger.get("include_existing"):
        held.starts_at, held.reached_id, held.reached_all_at = now, "", None
    else:
        held.starts_at, held.reached_id = None, ""


def _check_open(held: Distribution) -> None:
    started = held.kind == DistributionKind.MANUAL and (
        held.status == DistributionStatus.ACTIVE or has_started(held)
    )
    if started or held.status in _OVER:
        details = f"Distribution {held.pk} has started and cannot be changed"
        raise ResourceProtected(details, resource_id=held.pk, resource_type=RESOURCE)


def _check_status(held: Distribution, done: str, *allowed: str) -> None:
    if held.status not in allowed:
        raise BadRequest(
            "invalid_distribution_status",
            "Invalid status of the distribution",
            f"A distribution that is {held.status} cannot be {done}",
            resource_id=held.pk,
            resource_type=RESOURCE,
        )


OPERATIONS: Operations[Distribution] = Operations(
    create=create_distribution,
    update=update_distribution,
    delete=delete_distribution,
    commands={"activate": activate, "pause": pause, "resume": resume},
)
