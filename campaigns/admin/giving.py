"""Giving a code to one customer by hand."""

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.services.publication import PublicationRequest, publish, recipient
from promo.admin.commands import Run, command, tell
from promo.admin.forms import CommandForm
from promo.admin.visit import project_of, visit

CHANNEL = "Dashboard"


class GiveForm(CommandForm):
    customer = forms.CharField(
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="A source id, or the id of somebody known. Who is new is added.",
    )


def give_action(question: str) -> Run:
    """Return the button that gives a code away."""
    return command(
        "give",
        label="Give to a customer",
        question=question,
        permission="publish",
        icon="redeem",
        form_class=GiveForm,
    )


def may_give(request: HttpRequest) -> bool:
    """Whether the person may give codes away."""
    return visit(request).may("vouchers.publish")


def give(
    request: HttpRequest,
    customer: str,
    *,
    voucher: str | None = None,
    campaign: str | None = None,
    called: str = "",
) -> None:
    """Give the customer this code, or one of this campaign, and say which.

    The customer is ``called`` so in what is said, else as typed.

    Raises:
        PromoError: as publishing says; nothing is given.
    """
    project, now = project_of(request), visit(request).now
    asked = PublicationRequest(
        customer=recipient(project, customer),
        voucher=voucher,
        campaign=campaign,
        channel=CHANNEL,
    )
    made = publish(project=project, request=asked, now=now)
    codes = ", ".join(given.code for given in made.vouchers)
    again = "already " if made.row.created_at != now else ""
    tell(request, f"{called or customer} {again}has {codes}.")
