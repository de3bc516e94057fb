"""``/v1/domain-events/{eventId}``: an event that was too large for the event bus."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.fields import JsonObject, Moment, Text
from promo.api.views import ApiView
from promo.clock import isoformat
from promo.errors import Forbidden, ResourceNotFound
from promo.ids import parse_or_none
from promo.outbox.models import DomainEvent
from promo.request_context import current
from webhooks.wire.bus import bus_events
from webhooks.wire.envelope import data_of

#: ``data`` is what the bus would have carried.
_ANSWER = inline_serializer(
    "DomainEvent",
    {
        "id": Text(),
        "type": Text(),
        "project_id": Text(),
        "entity_id": Text(),
        "created_at": Moment(),
        "data": JsonObject(),
        "object": Text(),
    },
)


class DomainEventView(ApiView):
    """One event by its id, as long as events are kept."""

    permission = "logs.read"

    @extend_schema(operation_id="domain_events_retrieve", responses={200: _ANSWER})
    def get(self, _: Request, reference: str) -> Response:
        if current().places is not None:
            # What an event is about lies in any campaign.
            raise Forbidden("The key is restricted to areas or stores")
        found = None
        if parse_or_none("ev_", reference) is not None:
            rows = self.project.events.filter(type__in=bus_events())
            found = rows.filter(pk=reference).first()
        if found is None:
            raise ResourceNotFound("event", reference)
        return Response(_as_json(found))


def _as_json(event: DomainEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "type": event.type,
        "project_id": event.project_id,
        "entity_id": event.entity_id,
        "created_at": isoformat(event.created_at),
        "data": data_of(event),
        "object": "event",
    }


URLS: list[URLPattern] = [
    path(
        "v1/domain-events/<reference:reference>",
        DomainEventView.as_view(),
        name="v1-domain-events-detail",
    )
]
