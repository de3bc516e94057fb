"""Exports of orders, and of what happened on cards, at addresses of their own."""

from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign, CampaignType, Voucher, VoucherType
from promo.api.resource import find_or_404
from promo.api.views import ApiView
from promo.errors import Forbidden
from redemptions.api.exports import ExportSerializer, ParametersInput, check_permission
from redemptions.services import export as service

_CARDS = {CampaignType.GIFT_VOUCHERS, CampaignType.LOYALTY_PROGRAM}
_SHOWN: dict[str, Any] = {
    "request": ParametersInput,
    "responses": {200: ExportSerializer},
}
_NO_CARDS = "Transactions are allowed only for loyalty or gift campaigns"


class _Shortcut(ApiView):
    """An export whose kind, and perhaps whose rows, the address fixes."""

    permission = "exports.create"
    exported_object = "voucher_transactions"
    reads: ClassVar[str]

    def made(self, scope: service.Scope | None = None) -> Response:
        """Have the file made; answer the export."""
        check_permission(self, self.reads)
        body = self.parse(ParametersInput)
        made = service.create_export(
            project=self.project,
            exported_object=self.exported_object,
            parameters=body["parameters"],
            scope=scope,
            api_key=self.credential.key,
            now=self.now,
        )
        context = {"request": self.request, "now": self.now}
        return Response(ExportSerializer(made, context=context).data)

    def of_voucher(self, voucher: Voucher) -> Response:
        """Have the transactions of one card made."""
        return self.made(service.Scope("voucher_id", voucher.pk, voucher.code))

    def of_campaign(self, campaign: Campaign) -> Response:
        """Have what happened to the cards of a campaign made."""
        return self.made(service.Scope("campaign_id", campaign.pk, campaign.pk))

    def find_campaign(self, reference: str) -> Campaign:
        """Return the campaign behind an id or a name.

        Raises:
            ResourceNotFound: this project has none.
        """
        rows = self.project.campaigns.alive()
        found: Campaign = find_or_404(rows, reference, "campaign")
        return found

    def find_program(self, reference: str) -> Campaign:
        """Return the loyalty programme behind an id or a name.

        Raises:
            ResourceNotFound: this project has none.
        """
        rows = self.project.campaigns.alive()
        programs = rows.filter(campaign_type=CampaignType.LOYALTY_PROGRAM)
        found: Campaign = find_or_404(programs, reference, "campaign")
        return found

    def find_card(self, reference: str, program: Campaign | None = None) -> Voucher:
        """Return the loyalty card behind an id or a code, of one programme or any.

        Raises:
            ResourceNotFound: this project has none.
        """
        cards = self.project.vouchers.alive().filter(type=VoucherType.LOYALTY_CARD)
        if program is not None:
            cards = cards.filter(campaign=program)
        found: Voucher = find_or_404(cards, reference, "voucher")
        return found


class OrderExport(_Shortcut):
    """``POST /v1/orders/export``."""

    exported_object = "order"
    reads = "orders.read"

    @extend_schema(operation_id="orders_export", **_SHOWN)
    def post(self, _: Request) -> Response:
        return self.made()


class VoucherTransactionsExport(_Shortcut):
    """``POST /v1/vouchers/{code}/transactions/export``."""

    reads = "vouchers.read"

    @extend_schema(operation_id="vouchers_transactions_export", **_SHOWN)
    def post(self, _: Request, code: str) -> Response:
        vouchers = self.project.vouchers.alive()
        return self.of_voucher(find_or_404(vouchers, code, "voucher"))


class CampaignTransactionsExport(_Shortcut):
    """``POST /v1/campaigns/{campaignId}/transactions/export``."""

    reads = "campaigns.read"

    @extend_schema(operation_id="campaigns_transactions_export", **_SHOWN)
    def post(self, _: Request, reference: str) -> Response:
        campaign = self.find_campaign(reference)
        if campaign.campaign_type not in _CARDS:
            raise Forbidden(_NO_CARDS)
        return self.of_campaign(campaign)


class LoyaltyTransactionsExport(_Shortcut):
    """``POST /v1/loyalties/{campaignId}/transactions/export``."""

    reads = "loyalties.read"

    @extend_schema(operation_id="loyalties_transactions_export", **_SHOWN)
    def post(self, _: Request, campaign: str) -> Response:
        found = self.find_campaign(campaign)
        if found.campaign_type not in _CARDS:
            raise Forbidden(_NO_CARDS)
        return self.of_campaign(found)


class MemberTransactionsExport(_Shortcut):
    """``POST /v1/loyalties/members/{memberId}/transactions/export``."""

    reads = "loyalties.read"

    @extend_schema(operation_id="loyalties_members_transactions_export", **_SHOWN)
    def post(self, _: Request, member: str) -> Response:
        return self.of_voucher(self.find_card(member))


class ProgramMemberTransactionsExport(_Shortcut):
    """``POST /v1/loyalties/{campaignId}/members/{memberId}/transactions/export``."""

    reads = "loyalties.read"

    @extend_schema(
        operation_id="loyalties_programs_members_transactions_export", **_SHOWN
    )
    def post(self, _: Request, campaign: str, member: str) -> Response:
        program = self.find_program(campaign)
        return self.of_voucher(self.find_card(member, program))


class PointsExpirationExport(_Shortcut):
    """``POST /v1/loyalties/{campaignId}/points-expiration/export``."""

    exported_object = "points_expiration"
    reads = "loyalties.read"

    @extend_schema(operation_id="loyalties_points_expiration_export", **_SHOWN)
    def post(self, _: Request, campaign: str) -> Response:
        return self.of_campaign(self.find_program(campaign))


_LOYALTIES = "v1/loyalties"
_PROGRAM = f"{_LOYALTIES}/<reference:campaign>"
_MEMBER = "members/<reference:member>"
_TRANSACTIONS = "transactions/export"

URLS: list[URLPattern] = [
    path("v1/orders/export", OrderExport.as_view()),
    path(
        f"v1/vouchers/<reference:code>/{_TRANSACTIONS}",
        VoucherTransactionsExport.as_view(),
    ),
    path(
        f"v1/campaigns/<reference:reference>/{_TRANSACTIONS}",
        CampaignTransactionsExport.as_view(),
    ),
    # Before a programme's: a member's address would be one of a campaign "members".
    path(f"{_LOYALTIES}/{_MEMBER}/{_TRANSACTIONS}", MemberTransactionsExport.as_view()),
    path(f"{_PROGRAM}/{_TRANSACTIONS}", LoyaltyTransactionsExport.as_view()),
    path(
        f"{_PROGRAM}/{_MEMBER}/{_TRANSACTIONS}",
        ProgramMemberTransactionsExport.as_view(),
    ),
    path(f"{_PROGRAM}/points-expiration/export", PointsExpirationExport.as_view()),
]
