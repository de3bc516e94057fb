"""``/v1/consents``: what there is to agree to, and what a customer agrees to."""

from collections import defaultdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customers.services.consent import choose_consents
from customers.services.customer import find_customer
from customers.services.rendering import consent_as_json, consent_group_as_json
from promo.api.fields import JsonObject
from promo.api.pagination import envelope
from promo.api.resource import NO_CONTENT
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView
from promo.errors import InvalidPayload

MOST_CHOICES = 1_000


class ConsentsSerializer(ApiSerializer):
    """The groups and the consents of a project, each a whole list."""

    groups = JsonObject()
    consents = JsonObject()


class ConsentsView(ApiView):
    """All that people can agree to, oldest first."""

    permission = "consents.read"

    @extend_schema(operation_id="consents_list", responses={200: ConsentsSerializer})
    def get(self, _: Request) -> Response:
        consents = list(self.project.consents.all())
        grouped = defaultdict(list)
        for consent in consents:
            grouped[consent.group_id].append(consent)
        groups = [
            consent_group_as_json(group, grouped[group.pk])
            for group in self.project.consent_groups.all()
        ]
        shown = [consent_as_json(consent) for consent in consents]
        return Response({"groups": _whole(groups), "consents": _whole(shown)})


def _whole(rows: list[Any]) -> dict[str, Any]:
    return envelope("data", rows, total=len(rows))


class CustomerConsentsView(ApiView):
    """What one customer agrees to."""

    permission = "customers.modify"

    @extend_schema(
        operation_id="customers_consents_update",
        request={"application/json": {"type": "object"}},
        responses={204: None},
    )
    def put(self, _: Request, reference: str) -> Response:
        customer = find_customer(self.project, reference)
        choose_consents(customer, self._choices(), now=self.now)
        return Response(status=NO_CONTENT)

    def _choices(self) -> dict[str, bool]:
        """Return the body: consent ids, and whether each is given.

        Raises:
            InvalidPayload: it is no object of booleans, or too long.
        """
        sent = self.request.data
        if not isinstance(sent, dict):
            raise InvalidPayload("Payload must be object")
        if len(sent) > MOST_CHOICES:
            details = f"Payload must NOT have more than {MOST_CHOICES} properties"
            raise InvalidPayload(details)
        for name, value in sent.items():
            if not isinstance(value, bool):
                raise InvalidPayload(f"Property .{name} must be boolean")
        return sent


class ClientConsentsView(ConsentsView, ClientView):
    """The same, asked from a browser."""

    @extend_schema(
        operation_id="client_consents_list", responses={200: ConsentsSerializer}
    )
    def get(self, request: Request) -> Response:
        return super().get(request)


class ClientCustomerConsentsView(CustomerConsentsView, ClientView):
    """The same, said in a browser."""

    @extend_schema(
        operation_id="client_customers_consents_update",
        request={"application/json": {"type": "object"}},
        responses={204: None},
    )
    def put(self, request: Request, reference: str) -> Response:
        return super().put(request, reference)
