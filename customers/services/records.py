"""Everything that is kept about a customer, for whoever asks what is known of them.

Later stages keep things about customers too. ``CUSTOMER_RECORDS`` names their
functions: each takes the customer and ``now`` and returns, by name, objects as the API
shows them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from customers.models import Customer
from customers.services.rendering import full_customer
from customers.services.segment_lookup import segments_around
from promo.clock import isoformat

Json = dict[str, Any]
#: What an app keeps of a customer: objects by the name of their section.
Records = Mapping[str, Iterable[Json]]

#: Rows that the database hands over at a time.
PORTION = 500


def records_of(customer: Customer, *, now: datetime) -> Records:
    """Return the profile, segments, consents and events of a customer."""
    return {
        "profile": [full_customer(customer)],
        "segments": (
            {"id": one.pk, "name": one.name, "object": "segment"}
            for one in segments_around(customer, now=now).segments
        ),
        "consents": (
            {
                "id": choice.consent_id,
                "name": choice.consent.name,
                "given": choice.given,
                "channel": choice.channel,
                "changed_at": isoformat(choice.changed_at),
                "object": "consent",
            }
            for choice in customer.consent_choices.select_related("consent").order_by(
                "consent_id"
            )
        ),
        "events": (
            {
                "id": event.pk,
                "type": event.name,
                "metadata": event.metadata,
                "referral": event.referral,
                "loyalty": event.loyalty,
                "created_at": isoformat(event.created_at),
                "object": "event",
            }
            for event in customer.custom_events.order_by("pk").iterator(PORTION)
        ),
        "activity": _activity(customer),
    }


def _activity(customer: Customer) -> Iterator[Json]:
    rows = customer.project.events.filter(customer_id=customer.pk).order_by("pk")
    for event in rows.iterator(PORTION):
        yield {
            "id": event.pk,
            "type": event.type,
            "data": event.data,
            "created_at": isoformat(event.created_at),
            "object": "event",
        }


def json_parts(customer: Customer, *, now: datetime) -> Iterator[str]:
    """Return one JSON object in parts: a list for each section, each object a line.

    A constant number of statements, plus one for each portion of long sections.
    """
    before = "{"
    for name in settings.CUSTOMER_RECORDS:
        for section, rows in import_string(name)(customer, now=now).items():
            yield f"{before}\n{json.dumps(section)}: ["
            yield from _lines(rows)
            before = "],"
    yield f"{before.removesuffix(',')}\n}}\n"


def _lines(rows: Iterable[Json]) -> Iterator[str]:
    comma = ""
    for row in rows:
        yield f"{comma}\n  {json.dumps(row, ensure_ascii=False, default=str)}"
        comma = ","
