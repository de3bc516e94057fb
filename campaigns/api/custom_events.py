"""``/v1/events``: what customers did, told by a back end or by a browser."""

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.services.custom_event import EventToTrack, track_event
from customers.api.customers import CustomerInput
from customers.engine.tracking import decode
from customers.models import CustomEvent
from customers.models.custom_event import LONGEST_NAME
from customers.services.rendering import simple_customer
from customers.services.upsert import CustomerDraft
from promo.api.fields import JsonObject, Text
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView
from promo.errors import Forbidden

_SWITCH = "client_loyalty_events_enabled"


class ReferralBody(ApiSerializer):
    """The code that brought the customer, and who gave it."""

    code = Text(shortest=1, longest=512)
    referrer_id = Text(longest=255, required=False)


class CardBody(ApiSerializer):
    """The loyalty card that an event is about."""

    code = Text(shortest=1, longest=512)


class EventInput(ApiSerializer):
    """The body of an event."""

    event = Text(shortest=1, longest=LONGEST_NAME)
    customer = CustomerInput()
    referral = ReferralBody(required=False, allow_null=True)
    loyalty = CardBody(required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)


class EventAnswer(ApiSerializer):
    """An event as answered; what follows from it is not known yet."""

    object = Text()
    type = Text()
    customer = JsonObject()
    referral = JsonObject(allow_null=True)
    loyalty = JsonObject(allow_null=True)
    metadata = JsonObject()


class EventsView(ApiView):
    """Tracks one event."""

    permission = "customers.modify"

    @extend_schema(
        operation_id="events_create",
        request=EventInput,
        responses={200: EventAnswer},
    )
    def post(self, _: Request) -> Response:
        return self.track(self.parse(EventInput))

    def track(self, body: Mapping[str, Any]) -> Response:
        """Store the event of a well-formed body, and answer it."""
        event = event_of(body)
        tracked = track_event(project=self.project, event=event, now=self.now)
        return Response(_answer(tracked))


class ClientEventsView(EventsView, ClientView):
    """The same from a shop's web page; a code needs the project's leave."""

    @extend_schema(
        operation_id="client_events_create",
        request=EventInput,
        responses={200: EventAnswer},
    )
    def post(self, _: Request) -> Response:
        body = self.parse(EventInput)
        has_code = body.get("referral") or body.get("loyalty")
        if has_code and not self.project.client_loyalty_events_enabled:
            raise Forbidden(f"The project setting {_SWITCH} is off")
        return self.track(body)


def event_of(body: Mapping[str, Any]) -> EventToTrack:
    """Return what a well-formed body says that a customer did."""
    sent = body["customer"]
    referral, loyalty = body.get("referral") or {}, body.get("loyalty") or {}
    values = {n: value for n, value in sent.items() if n not in {"id", "source_id"}}
    return EventToTrack(
        name=body["event"],
        customer=CustomerDraft(
            id=sent.get("id", ""),
            source_id=decode(sent.get("source_id", "")),
            values=values,
        ),
        metadata=body.get("metadata") or {},
        referral_code=referral.get("code"),
        referrer_id=referral.get("referrer_id"),
        loyalty_code=loyalty.get("code"),
    )


def _answer(event: CustomEvent) -> dict[str, Any]:
    return {
        "object": "event",
        "type": event.name,
        "customer": simple_customer(event.customer),
        "referral": None,
        "loyalty": None,
        "metadata": event.metadata,
    }


URLS: list[URLPattern] = [
    path("v1/events", EventsView.as_view(), name="v1-events"),
    path("client/v1/events", ClientEventsView.as_view(), name="client-v1-events"),
]
