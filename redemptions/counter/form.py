"""What somebody at a counter says of a purchase."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from campaigns.models import Voucher, VoucherType
from promo.admin.forms import MoneyField
from redemptions.rehearsal.named import customer_named
from redemptions.services.requests import CheckoutRequest, RedeemableRef

LONGEST_TOKEN = 64


class PurchaseForm(forms.Form):
    """Amount, customer and what to spend of a card; ``request`` is all of it.

    ``token`` is drawn with the page: what is sent twice with it is done once.
    """

    amount = MoneyField(
        label="Amount to pay",
        required=False,
        help_text="Before the discount. Leave it empty where it does not matter.",
    )
    customer = forms.CharField(
        required=False,
        max_length=320,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Id, source id or e-mail address; empty for a guest.",
    )
    credits = MoneyField(
        label="Pay with the card",
        required=False,
        help_text="Empty: as much as the card has and the amount takes.",
    )
    points = forms.IntegerField(
        label="Points to spend",
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1}),
    )
    token = forms.CharField(max_length=LONGEST_TOKEN, widget=forms.HiddenInput)

    def __init__(self, *args: Any, voucher: Voucher, **named: Any) -> None:
        super().__init__(*args, **named)
        self.voucher = voucher
        if voucher.type != VoucherType.GIFT_VOUCHER:
            del self.fields["credits"]
        if voucher.type != VoucherType.LOYALTY_CARD:
            del self.fields["points"]
        for name in ("amount", "credits"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"inputmode": "decimal"}

    @property
    def request(self) -> CheckoutRequest:
        """The request that a shop would send."""
        values = self.cleaned_data
        project = self.voucher.project
        ref = RedeemableRef(
            "voucher",
            self.voucher.code,
            credits=values.get("credits"),
            points=values.get("points"),
        )
        amount = values["amount"]
        return CheckoutRequest(
            redeemables=(ref,),
            customer=customer_named(project, values["customer"].strip()) or None,
            order=None if amount is None else {"amount": amount},
        )


class UndoForm(forms.Form):
    """Why a redemption is undone."""

    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Kept with the rollback, for whoever asks later.",
    )
