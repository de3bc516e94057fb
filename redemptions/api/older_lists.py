"""The deprecated lists of what a customer could use, one kind of thing each.

Source: engine specification, "Deprecated endpoints kept for old SDKs".
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import PoolType
from campaigns.services.rendering import rendered_campaigns, rendered_vouchers
from promo import request_context
from promo.api import query
from promo.api.columns import IdColumn, MetadataColumn
from promo.api.fields import Flag, JsonObject, ListOf, Text, WholeNumber
from promo.api.filters import QueryFilters
from promo.api.pagination import envelope
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView
from promo.clock import isoformat
from redemptions.api.checkout_body import SingleBody, as_request
from redemptions.api.client_single import PARAMETERS, body_of
from redemptions.api.single_answers import qualified_tiers
from redemptions.engine.listing import wire_list
from redemptions.services.candidates import Narrowing, Search
from redemptions.services.qualify import Qualified, qualify_newest
from redemptions.services.requests import CheckoutRequest
from redemptions.services.scenarios import NOT_ABOUT_THE_CUSTOMER, Scenario

MOST_TIERS = 150
MOST_LISTED = 50
_AUDIENCE = OpenApiParameter(
    "audienceRulesOnly", bool, description="Only rules about the customer count."
)


class PromotionsAnswer(ApiSerializer):
    """The promotions that apply."""

    valid = Flag()
    promotions = ListOf(JsonObject())
    tracking_id = Text(required=False)


class QualifiedList(ApiSerializer):
    """The vouchers or campaigns that apply."""

    object = Text()
    data_ref = Text()
    data = ListOf(JsonObject())  # type: ignore[assignment]  # a field, not what was parsed
    total = WholeNumber()
    id = Text()
    created_at = Text()
    tracking_id = Text(required=False)


class OlderQualification(ApiView):
    """Finds what applies among the newest things of one kind."""

    permission = "qualifications.qualify"
    scenario: ClassVar[Scenario]
    newest: ClassVar[int] = MOST_LISTED

    def qualified(self, request: CheckoutRequest) -> Qualified:
        """Return what applies, of what the query string leaves."""
        audience = query.flag(self.request.query_params, "audienceRulesOnly")
        search = Search(
            project=self.project,
            scenario=self.scenario,
            customer=None,
            narrowing=self.narrowing(),
            now=self.now,
            newest=self.newest,
        )
        return qualify_newest(
            project=self.project,
            request=request,
            search=search,
            omitted_rules=NOT_ABOUT_THE_CUSTOMER if audience else (),
        )

    def narrowing(self) -> Narrowing:
        """Return what the list leaves out."""
        return Narrowing()


class QualifyingPromotions(OlderQualification):
    """Says which promotions apply."""

    scenario = Scenario(objects=frozenset({"promotion_tier"}))
    newest = MOST_TIERS
    filters: ClassVar[QueryFilters] = QueryFilters(
        columns={
            "promotion_id": IdColumn("campaign", prefix="camp_"),
            "metadata.*": MetadataColumn(),
        }
    )

    def answer(self, request: CheckoutRequest) -> dict[str, Any]:
        """Return the promotions that apply, newest first."""
        found = self.qualified(request)
        ids = [str(each.redeemable.id) for each in found.page.entries]
        tiers = self.project.promotion_tiers.select_related("campaign")
        return qualified_tiers(
            found,
            {tier.pk: tier for tier in tiers.filter(pk__in=ids)},
            request_id=request_context.current().request_id,
        )

    def narrowing(self) -> Narrowing:
        """Return the filters of the query string."""
        rows = self.filters.apply(
            self.project.promotion_tiers.all(), self.request.query_params, self.now
        )
        return Narrowing(tiers=Q(pk__in=rows.values("pk")))


class PromotionsValidation(QualifyingPromotions):
    """``POST /v1/promotions/validation``."""

    @extend_schema(
        operation_id="promotions_validate",
        parameters=[_AUDIENCE],
        request=SingleBody,
        responses={200: PromotionsAnswer},
    )
    def post(self, _: Request) -> Response:
        return Response(self.answer(as_request(self.parse(SingleBody))))


class ClientPromotionsValidation(ClientView, QualifyingPromotions):
    """``GET /client/v1/promotions/validation``, all in the query."""

    @extend_schema(
        operation_id="client_promotions_validate",
        parameters=[_AUDIENCE, *PARAMETERS],
        responses={200: PromotionsAnswer},
    )
    def get(self, _: Request) -> Response:
        sent = body_of(self.request.query_params)
        return Response(self.answer(as_request(self.parse_sent(sent, SingleBody))))


class OlderList(OlderQualification):
    """Answers things as they are listed elsewhere, with what the discount touches."""

    orderings: ClassVar[frozenset[str]] = frozenset({"created_at", "updated_at"})

    def rows(self) -> QuerySet[Any]:
        """Return the things of the kind, with all that showing them takes."""
        raise NotImplementedError

    def rendered(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the JSON of things."""
        raise NotImplementedError

    def answer(self) -> dict[str, Any]:
        """Return what applies, as many and in the order that the query asks for."""
        sent = self.request.query_params
        limit = query.whole_number(
            sent, "limit", least=1, most=MOST_LISTED, default=MOST_LISTED
        )
        orders = {*self.orderings, *(f"-{name}" for name in self.orderings)}
        order = query.choice(sent, "order", sorted(orders)) or "-created_at"
        found = self.qualified(as_request(self.parse(SingleBody)))
        entries = {str(each.redeemable.id): each for each in found.page.entries}
        rows = list(self.rows().filter(pk__in=list(entries)).order_by(order, "pk"))
        shown = [
            {
                **wire,
                "applicable_to": wire_list(entries[row.pk].applicable_to),
                "inapplicable_to": wire_list(entries[row.pk].inapplicable_to),
            }
            for row, wire in zip(rows, self.rendered(rows), strict=True)
        ][:limit]
        tracking = {"tracking_id": found.tracking_id} if found.tracking_id else {}
        return {
            **envelope("data", shown, total=len(shown)),
            "id": request_context.current().request_id,
            "created_at": isoformat(self.now),
            **tracking,
        }


class VouchersQualification(OlderList):
    """``POST /v1/vouchers/qualification``: codes for everybody."""

    scenario = Scenario(objects=frozenset({"voucher"}))
    orderings = frozenset({"created_at", "updated_at", "code"})

    @extend_schema(
        operation_id="vouchers_qualification",
        parameters=[_AUDIENCE, OpenApiParameter("limit", int)],
        request=SingleBody,
        responses={200: QualifiedList},
    )
    def post(self, _: Request) -> Response:
        return Response(self.answer())

    def narrowing(self) -> Narrowing:
        """Leave out codes of campaigns that have many."""
        alone = Q(campaign=None) | Q(campaign__type=PoolType.STANDALONE)
        return Narrowing(vouchers=alone)

    def rows(self) -> QuerySet[Any]:
        return self.project.vouchers.select_related("campaign__category", "category")

    def rendered(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return rendered_vouchers(self.project, rows)


class CampaignsQualification(OlderList):
    """``POST /v1/campaigns/qualification``: campaigns to get a code from."""

    scenario = Scenario(
        objects=frozenset({"campaign"}),
        campaign_types=frozenset(
            {"DISCOUNT_COUPONS", "GIFT_VOUCHERS", "REFERRAL_PROGRAM"}
        ),
    )

    @extend_schema(
        operation_id="campaigns_qualification",
        parameters=[_AUDIENCE, OpenApiParameter("limit", int)],
        request=SingleBody,
        responses={200: QualifiedList},
    )
    def post(self, _: Request) -> Response:
        return Response(self.answer())

    def rows(self) -> QuerySet[Any]:
        return self.project.campaigns.select_related("category")

    def rendered(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return rendered_campaigns(self.project, rows, with_categories=True)
