"""Vouchers by the row: imports with a campaign or without, and metadata for many."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import VoucherType
from campaigns.services.voucher_rows.work import (
    CAMPAIGN,
    TELLS,
    check_new_codes,
    check_reaches_lone_codes,
    check_takes_import,
)
from promo.api.fields import (
    Choice,
    Flag,
    JsonObject,
    JsonValue,
    ListOf,
    Moment,
    Text,
    WholeNumber,
)
from promo.api.resource import find_or_404
from promo.api.serializers import ApiSerializer
from promo.errors import InvalidPayload
from promo.jobs.rows.intake import (
    AcceptedSerializer,
    CsvIntake,
    MetadataIntake,
    ObjectsIntake,
    csv_body,
)

OK = 200
_FLAGS = ("webhooks_enable", "webhooks_enabled")
_CSV_BODY = csv_body(webhooks_enable={"type": "boolean"})


class ImportedRedemption(ApiSerializer):
    """How often the code may be redeemed, and what has been redeemed of it."""

    quantity = WholeNumber(required=False, allow_null=True)
    redeemed_quantity = WholeNumber(required=False, allow_null=True)
    redeemed_amount = WholeNumber(
        least=-(2**53), most=2**53, required=False, allow_null=True
    )


class ImportedVoucher(ApiSerializer):
    """An object of an import; what it means is judged row by row."""

    code = Text(required=False, allow_null=True)
    type = Choice(VoucherType.values, required=False, allow_null=True)
    category = Text(required=False, allow_null=True)
    active = Flag(required=False, allow_null=True)
    redemption = ImportedRedemption(required=False, allow_null=True)
    discount = JsonObject(required=False, allow_null=True)
    gift = JsonObject(required=False, allow_null=True)
    loyalty_card = JsonObject(required=False, allow_null=True)
    start_date = Moment(required=False, allow_null=True)
    expiration_date = Moment(required=False, allow_null=True)
    validity_timeframe = JsonValue(required=False, allow_null=True)
    validity_day_of_week = JsonValue(required=False, allow_null=True)
    validity_hours = JsonValue(required=False, allow_null=True)
    additional_info = Text(required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)


class BulkVoucher(ApiSerializer):
    """A code and the metadata that it gets."""

    code = Text()
    metadata = JsonObject()


class VouchersMetadataInput(ApiSerializer):
    """Which codes the metadata are for."""

    codes = ListOf(Text(), most=1_000_000)
    metadata = JsonObject()


class VouchersObjectsView(ObjectsIntake):
    """``POST /v1/vouchers/import``."""

    permission = "vouchers.create"
    kind = "VOUCHERS.IMPORT"
    item_class = ImportedVoucher

    def arguments(self, **named: Any) -> dict[str, Any]:
        check_reaches_lone_codes()
        return {}

    def read(self, sent: Any) -> Sequence[Any]:
        if not isinstance(sent, list):
            raise InvalidPayload("Payload must be array")
        return super().read(sent)

    def check(self, items: Sequence[Any], arguments: Any) -> None:
        check_new_codes(self.project, [one.get("code") for one in items])

    @extend_schema(
        request=ImportedVoucher(many=True), responses={202: AcceptedSerializer}
    )
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


class VouchersCsvView(CsvIntake):
    """``POST /v1/vouchers/importCSV``."""

    permission = "vouchers.create"
    kind = "VOUCHERS.IMPORT_CSV"

    def arguments(self, **named: Any) -> dict[str, Any]:
        check_reaches_lone_codes()
        return {TELLS: self.asks_for_news()}

    def asks_for_news(self) -> bool:
        """Say whether a field of the form asks to tell of each row.

        Raises:
            InvalidPayload: it is neither ``true`` nor ``false``.
        """
        form: Any = self.request.data
        sent = next((form[name] for name in _FLAGS if form.get(name)), "false")
        if str(sent).strip().lower() not in {"true", "false"}:
            raise InvalidPayload(f"Property .{_FLAGS[0]} must be boolean")
        return str(sent).strip().lower() == "true"

    @extend_schema(request=_CSV_BODY, responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


class CampaignObjectsView(VouchersObjectsView):
    """``POST /v1/campaigns/{id}/import``."""

    permission = "campaigns.modify"
    kind = "CAMPAIGN.VOUCHERS_IMPORT"

    def arguments(self, **named: Any) -> dict[str, Any]:
        return {CAMPAIGN: taking_campaign(self, named["reference"])}


class CampaignCsvView(VouchersCsvView):
    """``POST /v1/campaigns/{id}/importCSV``."""

    permission = "campaigns.modify"
    kind = "CAMPAIGN.VOUCHERS_IMPORT_CSV"
    answered: ClassVar[int] = OK

    def arguments(self, **named: Any) -> dict[str, Any]:
        campaign_id = taking_campaign(self, named["reference"])
        return {CAMPAIGN: campaign_id, TELLS: self.asks_for_news()}

    @extend_schema(request=_CSV_BODY, responses={200: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


def taking_campaign(view: VouchersObjectsView | VouchersCsvView, reference: str) -> str:
    """Return the id of the campaign that an import goes into.

    Raises:
        ResourceNotFound: this project has none of this name.
        PromoError: it takes no import.
    """
    found = find_or_404(view.project.campaigns.alive(), reference, "campaign")
    check_takes_import(found)
    return str(found.pk)


class VouchersBulkView(ObjectsIntake):
    """``POST /v1/vouchers/bulk/async``."""

    permission = "vouchers.modify"
    kind = "VOUCHERS.BULK_UPDATE"
    item_class = BulkVoucher

    @extend_schema(request=BulkVoucher(many=True), responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


class VouchersMetadataView(MetadataIntake):
    """``POST /v1/vouchers/metadata/async``."""

    permission = "vouchers.modify"
    kind = "VOUCHERS.METADATA_UPDATE"
    names_field = "codes"
    name_field = "code"
    input_class = VouchersMetadataInput

    @extend_schema(request=VouchersMetadataInput, responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        return super().post(request, **named)


URLS: list[URLPattern] = [
    path("v1/vouchers/import", VouchersObjectsView.as_view(), name="vouchers-import"),
    path("v1/vouchers/importCSV", VouchersCsvView.as_view(), name="vouchers-csv"),
    path("v1/vouchers/bulk/async", VouchersBulkView.as_view(), name="vouchers-bulk"),
    path(
        "v1/vouchers/metadata/async",
        VouchersMetadataView.as_view(),
        name="vouchers-metadata",
    ),
    path(
        "v1/campaigns/<reference:reference>/import",
        CampaignObjectsView.as_view(),
        name="campaign-import",
    ),
    path(
        "v1/campaigns/<reference:reference>/importCSV",
        CampaignCsvView.as_view(),
        name="campaign-csv",
    ),
]
