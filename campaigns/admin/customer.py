"""What can be done for a customer once there are offers: codes, balances, trying."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns.admin.code_commands import BalanceForm, change_balance
from campaigns.admin.giving import give, may_give
from campaigns.admin.wallet import cards_of
from campaigns.admin.worth import balance_in_words
from customers.admin.customer import CustomerAdmin
from customers.admin.customer_tabs import tab_address
from customers.models import Customer
from promo.admin.commands import command, plain_id
from promo.admin.forms import CommandForm
from promo.admin.visit import project_of, visit


class AssignForm(CommandForm):
    code = forms.CharField(
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="A code that nobody has yet.",
    )
    campaign = forms.CharField(
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="Or the name of a campaign: one of its free codes is taken.",
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(given.get("code")) == bool(given.get("campaign")):
            msg = "Name a code or a campaign, one of the two."
            raise forms.ValidationError(msg)
        return given


class CardBalanceForm(BalanceForm):
    """Which of the customer's cards, how much, and why."""

    card = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    field_order = ("card", "amount", "reason")

    def __init__(
        self, request: HttpRequest, object_id: Any = None, *args: Any, **named: Any
    ) -> None:
        super().__init__(request, object_id, *args, **named)
        rows = project_of(request).customers.alive().select_related("project")
        found = rows.filter(pk=plain_id(str(object_id))).first()
        self.cards = {one.pk: one for one in cards_of(found)} if found else {}
        choice: Any = self.fields["card"]
        choice.choices = [
            (pk, f"{one.code}, {balance_in_words(one)}")
            for pk, one in self.cards.items()
        ]
        choice.initial = request.GET.get("card", "")

    def clean_card(self) -> Any:
        return self.cards[self.cleaned_data["card"]]


admin.site.unregister(Customer)


@admin.register(Customer)
class CustomerWithCodesAdmin(CustomerAdmin):
    """The page of a customer, with codes to give and balances to change."""

    actions_detail = [
        "what_applies",
        "assign_code",
        "change_balance",
        "download",
        "erase",
    ]

    on_the_page = ("what_applies", "change_balance", "download")

    assign_code = command(
        "assign_code",
        label="Assign a code",
        question="The customer holds the code from now on.",
        permission="publish",
        icon="redeem",
        form_class=AssignForm,
    )
    change_balance = command(
        "change_balance",
        label="Change a balance",
        question="The ledger keeps the movement with its reason.",
        permission="change_balance",
        icon="add_card",
        form_class=CardBalanceForm,
    )

    @action(
        description="What can they use?",
        permissions=["what_applies"],
        icon="shopping_cart",
    )
    def what_applies(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Lead to the page that tries offers on a cart, for this customer."""
        customer = self.object_or_404(request, object_id)
        query = urlencode({"customer": customer.pk})
        return HttpResponseRedirect(f"{reverse('try-it')}?{query}")

    def has_what_applies_permission(
        self, request: HttpRequest, obj: Any = None
    ) -> bool:
        """Whether the person may try offers."""
        return visit(request).may("campaigns.read")

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_give(request)

    def has_change_balance_permission(
        self, request: HttpRequest, obj: Any = None
    ) -> bool:
        """Whether the person may change balances; of these nobody asks."""
        return visit(request).may("vouchers.modify")

    def links(self, request: HttpRequest, customer: Customer) -> list[tuple[str, str]]:
        """Return what the page offers beside the name."""
        more = super().links(request, customer)
        if not self.has_what_applies_permission(request):
            return more
        page = "admin:customers_customer_what_applies"
        link = reverse(page, args=(quote(customer.pk),))
        return [("What can they use on a cart?", link), *more]

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> str:
        if name == "assign_code":
            code, campaign = values["code"] or None, values["campaign"] or None
            give(request, obj.pk, voucher=code, campaign=campaign, called=str(obj))
        elif name == "change_balance":
            amount, reason = values["amount"], values["reason"]
            change_balance(request, values["card"], amount=amount, reason=reason)
        else:
            return super().run_command(request, name, obj, values)
        return tab_address(self.change_address(obj), "wallet")
