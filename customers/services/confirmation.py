"""Double opt-in: a person is a customer once an e-mail's link says so.

Source: data specification, "Consents, double opt-in, preference centre".
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction

from customers import events
from customers.models import Customer, UnconfirmedCustomer
from customers.models.unconfirmed import UNCONFIRMED_PREFIX
from customers.services.customer import create_customer
from customers.services.profile import DATES, change_profile, check_source_id
from customers.services.rendering import full_customer
from promo.errors import BadRequest, InvalidPayload
from promo.ids import new_id, parse
from promo.outbox.events import emit
from promo.tenancy.models import Project

#: How long a link may be used, and how soon it is sent again for the asking.
KEPT = timedelta(days=3)
SENT_AGAIN_AFTER = timedelta(hours=1)
MOST_A_SWEEP = 1_000

_KEEP = """
INSERT INTO customers_unconfirmedcustomer AS u
  (id, project_id, email, profile, created_at, expires_at)
VALUES (%s, %s, %s, %s::jsonb, %s, %s)
ON CONFLICT (project_id, lower(email)) WHERE confirmed_at IS NULL DO UPDATE SET
  profile = excluded.profile, expires_at = excluded.expires_at,
  mailed_at = CASE WHEN u.mailed_at > %s THEN u.mailed_at END
RETURNING u.id
"""


class LinkExpired(BadRequest):
    """The link of an e-mail leads nowhere any more."""

    def __init__(self) -> None:
        super().__init__("link_expired", "The link has expired")


def ask_to_confirm(
    *, project: Project, now: datetime, email: str = "", **values: Any
) -> UnconfirmedCustomer:
    """Keep a person until the address is confirmed, and have a link sent there.

    Who asks again before that replaces what was sent; another e-mail goes out after
    ``SENT_AGAIN_AFTER``. An ``id`` names nobody who is not a customer yet and is
    passed over.

    Raises:
        InvalidPayload: no e-mail address, or a text is too long.
        MetadataRefused: the project's schema forbids the metadata.
    """
    values.pop("id", None)
    address = _checked_address(email)
    _check_profile(project, {**values, "email": address}, now)
    arguments: list[Any] = [
        parse(UNCONFIRMED_PREFIX, new_id(UNCONFIRMED_PREFIX)),
        parse("proj_", project.pk),
        address,
        json.dumps({**values, "email": address}, default=_as_json),
        now,
        now + KEPT,
        now - SENT_AGAIN_AFTER,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, arguments)
        (key,) = cursor.fetchone()
    return UnconfirmedCustomer.objects.get(pk=key)


@transaction.atomic
def confirm(pending: UnconfirmedCustomer, *, now: datetime) -> Customer:
    """Make a customer of a pending person; asked again, return the same one.

    1. Hold the row: of two who confirm, the later one finds the customer.
    2. Create the customer, or update the one that the source id names.
    3. Blank what was kept, and tell.

    Raises:
        LinkExpired: too late, or the person has been erased.
        MetadataRefused: the project's schema has come to forbid the metadata.
    """
    # Nothing is joined: who waited for the row would see what it joined before.
    rows = UnconfirmedCustomer.objects.filter(pk=pending.pk)
    held = rows.select_for_update().first()
    if held is None:
        raise LinkExpired
    if held.customer is not None:
        return held.customer
    if held.expires_at <= now:
        raise LinkExpired
    project = pending.project
    made = create_customer(project=project, now=now, **_values(held.profile))
    held.customer, held.confirmed_at = made, now
    held.email, held.profile = "", {}
    held.save(update_fields=["customer", "confirmed_at", "email", "profile"])
    told = events.customer_confirmed(full_customer(made), held.pk)
    emit(project, [told], now=now)
    return made


def sweep_unconfirmed(now: datetime) -> int:
    """Delete pending people whose link has expired; return how many."""
    rows = UnconfirmedCustomer.objects.filter(expires_at__lte=now)
    gone = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_A_SWEEP])
    return UnconfirmedCustomer.objects.filter(pk__in=gone).delete()[0]


def _checked_address(email: str | None) -> str:
    address = (email or "").strip()
    if not address:
        raise InvalidPayload("Payload must have required property 'email'")
    try:
        validate_email(address)
    except ValidationError as refused:
        details = "Property .email must be an e-mail address"
        raise InvalidPayload(details) from refused
    return address


def _check_profile(project: Project, values: Mapping[str, Any], now: datetime) -> None:
    """Refuse now what could not be kept on confirmation."""
    check_source_id(values.get("source_id") or "")
    change_profile(Customer(project=project), {"metadata": {}, **values}, now=now)


def _as_json(value: date) -> str:
    return value.isoformat()


def _values(kept: Mapping[str, Any]) -> dict[str, Any]:
    dates = {name: date.fromisoformat(kept[name]) for name in DATES if kept.get(name)}
    return {**kept, **dates}
