"""``/v1/campaigns/{campaignId}/summary``: what became of a campaign."""

from datetime import date, datetime
from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.services.rendering import rendered_campaign
from promo.api import query
from promo.api.fields import NO_MOMENT, JsonObject, Text, WholeNumber
from promo.api.resource import find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from promo.errors import InvalidQueryParams
from redemptions.services.campaign_summary import Days, campaign_figures

#: Nobody counts validations, as none is written.
_NOT_COUNTED = ("validations", "validations_succeeded", "validations_failed")
#: Years that fit into a moment in any zone.
_FIRST_YEAR, _LAST_YEAR = 1900, 9_000


class CampaignSummaryAnswer(ApiSerializer):
    """The figures that every campaign has; each type adds its own."""

    object = Text()
    campaign = JsonObject()
    redemptions = WholeNumber()
    redemptions_succeeded = WholeNumber()
    redemptions_failed = WholeNumber()
    rollbacks = WholeNumber()
    rollbacks_succeeded = WholeNumber()
    rollbacks_failed = WholeNumber()
    validations = WholeNumber(allow_null=True)
    validations_succeeded = WholeNumber(allow_null=True)
    validations_failed = WholeNumber(allow_null=True)
    orders_amount = WholeNumber()
    orders_rolledback_amount = WholeNumber()


class CampaignSummaryView(ApiView):
    """Figures of a campaign over its life, or over some days of the project's zone."""

    permission = "campaigns.read"

    @extend_schema(
        operation_id="campaigns_summary",
        parameters=[
            OpenApiParameter("start_date", date, description="The first day."),
            OpenApiParameter("end_date", date, description="The last day, included."),
        ],
        responses={200: CampaignSummaryAnswer},
    )
    def get(self, request: Request, reference: str) -> Response:
        rows = self.project.campaigns.alive().select_related("category")
        found = find_or_404(rows, reference, "campaign")
        found.project = self.project
        days = Days(self._day("start_date"), self._day("end_date"))
        shown: dict[str, Any] = {
            "object": "campaign_summary",
            "campaign": rendered_campaign(found),
            **dict.fromkeys(_NOT_COUNTED),
            **campaign_figures(found, days),
        }
        return Response(shown)

    def _day(self, name: str) -> date | None:
        """Return a day of the query, None where nothing is sent.

        Raises:
            InvalidQueryParams: it is no ISO 8601 date.
        """
        sent = query.text(self.request.query_params, name)
        if sent is None:
            return None
        try:
            day = datetime.fromisoformat(sent).date()
        except ValueError:
            day = None
        if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise InvalidQueryParams(f"Property .{name} {NO_MOMENT}")
        return day


URLS: list[URLPattern] = [
    path(
        "v1/campaigns/<reference:reference>/summary",
        CampaignSummaryView.as_view(),
        name="campaign-summary",
    )
]
