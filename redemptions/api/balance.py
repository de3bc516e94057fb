"""Balances of cards, the ledger behind them, and sessions that hold vouchers."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.engine.numbers import LARGEST
from promo.api.fields import JsonObject, Text, WholeNumber
from promo.api.pagination import IdPagination, ListPagination
from promo.api.resource import NO_CONTENT, Resource, find_or_404
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from promo.errors import BadRequest, InvalidPayload
from redemptions.models import LedgerEntry
from redemptions.services.balance import change_balance
from redemptions.services.sessions import release_session
from redemptions.wire.ledger import balance_as_json, entry_as_json


class BalanceBody(ApiSerializer):
    """A change of a balance, minor units or points."""

    amount = WholeNumber(least=-LARGEST, most=LARGEST)
    source_id = Text(shortest=1, longest=512, required=False, allow_null=True)
    reason = Text(required=False, allow_null=True)


class BalanceAnswer(ApiSerializer):
    """A balance after a change."""

    amount = WholeNumber()
    total = WholeNumber()
    balance = WholeNumber()
    type = Text()
    operation_type = Text()
    object = Text()
    related_object = JsonObject()


class BalanceView(ApiView):
    """``POST /v1/vouchers/{code}/balance``."""

    permission = "vouchers.modify"

    @extend_schema(
        operation_id="vouchers_balance_create",
        request=BalanceBody,
        responses={200: BalanceAnswer},
    )
    def post(self, _: Request, code: str) -> Response:
        vouchers = self.project.vouchers.alive().select_related("campaign")
        voucher = find_or_404(vouchers, code, "voucher")
        voucher.project = self.project
        entry = change_balance(voucher, now=self.now, **self._body())
        return Response(balance_as_json(entry))

    def _body(self) -> dict[str, Any]:
        """Return the body.

        Raises:
            BadRequest: ``invalid_add_balance_params``; it has another shape.
        """
        try:
            return self.parse(BalanceBody)
        except InvalidPayload as wrong:
            key, message = "invalid_add_balance_params", "Invalid add balance params"
            raise BadRequest(key, message, wrong.details) from wrong


class LedgerEntrySerializer(ApiSerializer):
    """One movement of a balance."""

    id = Text()
    source_id = Text(allow_null=True)
    voucher_id = Text()
    campaign_id = Text(allow_null=True)
    source = Text(allow_null=True)  # type: ignore[assignment]  # the API names it so
    reason = Text(allow_null=True)
    type = Text()
    details = JsonObject()
    related_transaction_id = Text(allow_null=True)
    created_at = Text()

    def to_representation(self, instance: LedgerEntry) -> dict[str, Any]:
        """Return the entry as the wire module shows it."""
        return entry_as_json(instance)


class _Transactions(Resource[LedgerEntry]):
    resource_type = "transaction"
    serializer_class: ClassVar[type[Any]] = LedgerEntrySerializer
    pagination_class: ClassVar[type[ListPagination]] = IdPagination
    orderings = {"id": "pk"}
    default_order = "-id"

    def required_permission(self) -> str:
        """Return the code that reading needs."""
        return f"{self.permission_resource}.read"


class VoucherTransactions(_Transactions):
    """What moved the balance of one card, newest first."""

    permission_resource = "vouchers"

    @extend_schema(operation_id="vouchers_transactions_list")
    def list_of_voucher(self, request: Request, code: str) -> Response:
        """Answer the entries of the card."""
        rows = self.project.vouchers.alive()
        self.voucher = find_or_404(rows, code, "voucher")
        return self.list(request)

    def get_queryset(self) -> QuerySet[LedgerEntry]:
        rows = self.project.ledger_entries.all()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(voucher=self.voucher)


class CampaignTransactions(_Transactions):
    """What moved the balances of a campaign's cards, newest first."""

    permission_resource = "campaigns"

    @extend_schema(operation_id="campaigns_transactions_list")
    def list_of_campaign(self, request: Request, reference: str) -> Response:
        """Answer the entries of all cards; campaigns without cards have none."""
        rows = self.project.campaigns.alive()
        self.campaign = find_or_404(rows, reference, "campaign")
        return self.list(request)

    def get_queryset(self) -> QuerySet[LedgerEntry]:
        rows = self.project.ledger_entries.all()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(campaign=self.campaign)


class SessionView(ApiView):
    """``DELETE /v1/vouchers/{code}/sessions/{sessionKey}``."""

    permission = "vouchers.modify"

    @extend_schema(
        operation_id="vouchers_sessions_destroy", request=None, responses={204: None}
    )
    def delete(self, _: Request, code: str, key: str) -> Response:
        voucher = find_or_404(self.project.vouchers.alive(), code, "voucher")
        voucher.project = self.project
        release_session(voucher, key=key, now=self.now)
        return Response(status=NO_CONTENT)


_VOUCHER = "v1/vouchers/<reference:code>"

URLS: list[URLPattern] = [
    path(f"{_VOUCHER}/balance", BalanceView.as_view()),
    path(f"{_VOUCHER}/sessions/<reference:key>", SessionView.as_view()),
    path(
        f"{_VOUCHER}/transactions",
        VoucherTransactions.as_view({"get": "list_of_voucher"}),
    ),
    path(
        "v1/campaigns/<reference:reference>/transactions",
        CampaignTransactions.as_view({"get": "list_of_campaign"}),
    ),
]
