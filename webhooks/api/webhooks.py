"""``/management/v1/projects/{projectId}/webhooks``."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.fields import Flag, ListOf, MapOf, Moment, Text, WholeNumber
from promo.api.pagination import envelope
from promo.api.resource import NO_CONTENT, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ProjectManagementView
from promo.clock import isoformat
from promo.outbox.catalogue import webhook_events
from webhooks.engine.targets import LONGEST
from webhooks.models import Webhook
from webhooks.services import webhook as service


class WebhookInput(ApiSerializer):
    """The body of a create; an update takes any of it."""

    target_url = Text(shortest=1, longest=LONGEST)
    events = ListOf(Text(shortest=1, longest=100), fewest=1, most=100)
    active = Flag(required=False)
    headers = MapOf(Text(longest=1_000), required=False)


class WebhookSerializer(ApiSerializer):
    """A webhook as answered."""

    id = Text()
    object = Text()
    created_at = Moment()
    target_url = Text()
    events = ListOf(Text())
    active = Flag()
    headers = MapOf(Text(), required=False)


_LIST = inline_serializer(
    "WebhookList",
    {
        "object": Text(),
        "data_ref": Text(),
        "data": ListOf(WebhookSerializer()),
        "total": WholeNumber(),
    },
)


class WebhooksView(ProjectManagementView):
    permissions = {"GET": "webhooks.read", "POST": "webhooks.modify"}

    @extend_schema(operation_id="webhooks_list", responses={200: _LIST})
    def get(self, _: Request, project: str) -> Response:
        shown = [webhook_as_json(each) for each in self.project.webhooks.configured()]
        return Response(envelope("data", shown, total=len(shown)))

    @extend_schema(
        operation_id="webhooks_create",
        request=WebhookInput,
        responses={200: WebhookSerializer},
    )
    def post(self, _: Request, project: str) -> Response:
        made = service.create_webhook(
            project=self.project, now=self.now, **self.parse(WebhookInput)
        )
        return Response(webhook_as_json(made))


class OneWebhookView(ProjectManagementView):
    permissions = {"GET": "webhooks.read"}
    permission = "webhooks.modify"

    @extend_schema(operation_id="webhooks_retrieve", responses={200: WebhookSerializer})
    def get(self, _: Request, project: str, reference: str) -> Response:
        return Response(webhook_as_json(self._find(reference)))

    @extend_schema(
        operation_id="webhooks_update",
        request=WebhookInput,
        responses={200: WebhookSerializer},
    )
    def put(self, _: Request, project: str, reference: str) -> Response:
        found = self._find(reference)
        values = self.parse(WebhookInput, partial=True)
        changed = service.update_webhook(found, now=self.now, **values)
        return Response(webhook_as_json(changed))

    @extend_schema(operation_id="webhooks_destroy", responses={204: None})
    def delete(self, _: Request, project: str, reference: str) -> Response:
        service.delete_webhook(self._find(reference), now=self.now)
        return Response(status=NO_CONTENT)

    def _find(self, reference: str) -> Webhook:
        found: Webhook = find_or_404(
            self.project.webhooks.configured(), reference, "webhook"
        )
        return found


def webhook_as_json(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook; custom headers are left out where there are none."""
    events = webhook_events() if webhook.all_events else webhook.events
    shown: dict[str, Any] = {
        "id": webhook.pk,
        "object": "webhook",
        "created_at": isoformat(webhook.created_at),
        "target_url": webhook.target_url,
        "events": list(events),
        "active": webhook.active,
    }
    return shown | ({"headers": webhook.headers} if webhook.headers else {})


_ROUTE = "management/v1/projects/<reference:project>/webhooks"
URLS: list[URLPattern] = [
    path(_ROUTE, WebhooksView.as_view(), name="webhooks-list"),
    path(
        f"{_ROUTE}/<reference:reference>",
        OneWebhookView.as_view(),
        name="webhooks-detail",
    ),
]
