"""What can be done for a customer once there are offers: giving codes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.admin.giving import give, may_give
from customers.admin.customer import CustomerAdmin
from customers.models import Customer
from promo.admin.commands import command
from promo.admin.forms import CommandForm


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


admin.site.unregister(Customer)


@admin.register(Customer)
class CustomerWithCodesAdmin(CustomerAdmin):
    """The page of a customer, with codes to give."""

    actions_detail = ["assign_code", "erase"]

    assign_code = command(
        "assign_code",
        label="Assign a code",
        question="The customer holds the code from now on.",
        permission="publish",
        icon="redeem",
        form_class=AssignForm,
    )

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_give(request)

    def run_command(
        self, request: HttpRequest, name: str, obj: Any, values: dict[str, Any]
    ) -> str:
        if name != "assign_code":
            return super().run_command(request, name, obj, values)
        code, campaign = values["code"] or None, values["campaign"] or None
        give(request, obj.pk, voucher=code, campaign=campaign, called=str(obj))
        return self.change_address(obj)
