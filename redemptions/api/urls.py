from django.urls import URLPattern, path

from redemptions.api import balance, campaign_summary, export_shortcuts, single
from redemptions.api.checkout import (
    ClientRedemptionView,
    ClientValidationView,
    ValidationView,
)
from redemptions.api.client_single import ClientSingleValidation
from redemptions.api.exports import ExportResource
from redemptions.api.older_lists import (
    CampaignsQualification,
    ClientPromotionsValidation,
    PromotionsValidation,
    VouchersQualification,
)
from redemptions.api.order_import import OrdersImportView
from redemptions.api.orders import OrderResource
from redemptions.api.qualifications import (
    ClientQualificationView,
    QualificationView,
)
from redemptions.api.redemptions import RedemptionResource, VoucherRedemptionResource
from redemptions.api.referral_holders import ReferralHolderResource
from redemptions.api.returns import OrderReturnResource
from redemptions.api.rollbacks import RollbacksView, RollbackView

_ONE = "v1/redemptions/<reference:reference>"

urlpatterns: list[URLPattern] = [
    path("v1/qualifications", QualificationView.as_view()),
    path("client/v1/qualifications", ClientQualificationView.as_view()),
    path("v1/validations", ValidationView.as_view()),
    path("v1/promotions/validation", PromotionsValidation.as_view()),
    path("v1/vouchers/qualification", VouchersQualification.as_view()),
    path("v1/campaigns/qualification", CampaignsQualification.as_view()),
    path("client/v1/validate", ClientSingleValidation.as_view()),
    path("client/v1/promotions/validation", ClientPromotionsValidation.as_view()),
    # An order may be called anything, the address of its export may not.
    *export_shortcuts.URLS,
    *RedemptionResource.urls(),
    *VoucherRedemptionResource.urls(),
    path("v1/orders/import", OrdersImportView.as_view()),
    *OrderResource.urls(),
    *OrderReturnResource.urls(),
    *ReferralHolderResource.urls(),
    *ExportResource.urls(),
    *balance.URLS,
    *campaign_summary.URLS,
    *single.URLS,
    path(f"{_ONE}/rollback", RollbackView.as_view()),
    path(f"{_ONE}/rollbacks", RollbacksView.as_view()),
    path("client/v1/validations", ClientValidationView.as_view()),
    path("client/v1/redemptions", ClientRedemptionView.as_view()),
]
