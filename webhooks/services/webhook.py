"""Making, changing and deleting webhooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from promo.errors import InvalidPayload
from promo.operations import Operations
from promo.outbox.catalogue import webhook_events
from promo.tenancy.models import Project
from webhooks.engine.event_names import event_of, known_names
from webhooks.engine.headers import problem_of
from webhooks.engine.targets import NotAllowed, check_address, read_target
from webhooks.models import Webhook
from webhooks.services.secrets import ensure_secret

MOST_WEBHOOKS = 100


@transaction.atomic
def create_webhook(
    *,
    project: Project,
    now: datetime,
    target_url: str,
    events: Sequence[str] = (),
    all_events: bool = False,
    headers: Mapping[str, str] | None = None,
    active: bool = True,
) -> Webhook:
    """Return a new webhook; the project's first one gives it a secret.

    Raises:
        InvalidPayload: a target that may not be called, an unknown event or none, a
            header that may not be set, or more webhooks than a project may have.
    """
    if project.webhooks.configured().count() >= MOST_WEBHOOKS:
        details = f"A project can have at most {MOST_WEBHOOKS} webhooks"
        raise InvalidPayload(details)
    _check_target(target_url)
    _check_events(events, all_events=all_events)
    _check_headers(headers or {})
    ensure_secret(project, now=now)
    return Webhook.objects.create(
        project=project,
        target_url=target_url,
        events=list(events),
        all_events=all_events,
        headers=dict(headers or {}),
        active=active,
        created_at=now,
    )


@transaction.atomic
def update_webhook(webhook: Webhook, *, now: datetime, **values: Any) -> Webhook:
    """Change a webhook; ``events`` replace those it had.

    One that is switched on again starts with a clean record: what it is still owed goes
    out at once.

    Raises:
        InvalidPayload: as ``create_webhook``; nothing has changed.
    """
    held = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if "target_url" in values:
        _check_target(values["target_url"])
    if "events" in values or "all_events" in values:
        # Whoever lists events asks for these and no others.
        if "events" in values:
            values.setdefault("all_events", False)
        every = values.get("all_events", held.all_events)
        _check_events(values.get("events", held.events), all_events=every)
    if "headers" in values:
        _check_headers(values["headers"])
    for name, value in values.items():
        setattr(held, name, value)
    held.updated_at = now
    if held.active:
        held.disabled_at = held.paused_until = held.notice_sent_at = None
        held.failures = 0
    held.save()
    return held


@transaction.atomic
def delete_webhook(
    webhook: Webhook, *, now: datetime | None = None, force: bool = False
) -> None:
    """Delete a webhook with its sendouts; what it was owed is not sent any more."""
    webhook.delete()


def _check_target(url: str) -> None:
    """Refuse a URL that may not be called, as far as it shows by itself."""
    try:
        target = read_target(url)
        if target.literal is not None:
            check_address(target.literal, settings.WEBHOOK_ALLOWED_NETWORKS)
    except NotAllowed as refused:
        details = f"Property .target_url {refused}"
        raise InvalidPayload(details) from refused


def _check_events(events: Sequence[str], *, all_events: bool) -> None:
    if not events and not all_events:
        details = "Property .events must NOT have fewer than 1 items"
        raise InvalidPayload(details)
    known = known_names(webhook_events())
    meant: set[str] = set()
    for place, name in enumerate(events):
        if name not in known:
            details = (
                f"Property .events[{place}] must be the name of a project event, "
                f"found {name}"
            )
            raise InvalidPayload(details)
        if event_of(name) in meant:
            details = f"Property .events must NOT name {event_of(name)} twice"
            raise InvalidPayload(details)
        meant.add(event_of(name))


def _check_headers(headers: Mapping[str, str]) -> None:
    problem = problem_of(headers)
    if problem is not None:
        details = f"Property .headers {problem}"
        raise InvalidPayload(details)


OPERATIONS = Operations[Webhook](
    create=create_webhook, update=update_webhook, delete=delete_webhook
)
