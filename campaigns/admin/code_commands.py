"""What the page of a code offers beside switching it: another end, and a balance."""

from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from campaigns.admin.schedule import MomentField
from campaigns.admin.worth import balance_in_words
from campaigns.models import Voucher, VoucherType
from promo.admin.approval import do
from promo.admin.commands import Run, command, tell
from promo.admin.forms import CommandForm
from promo.admin.presentation import minor_units
from promo.admin.visit import project_of, visit
from promo.errors import InvalidPayload


class ExtendForm(CommandForm):
    expiration_date = MomentField(
        label="New end",
        at=time(23, 59, 59),
        help_text="Without a time: at the end of the day. Empty: it never expires.",
    )


class BalanceForm(CommandForm):
    amount = forms.DecimalField(
        decimal_places=2,
        max_value=Decimal("9999999999.99"),
        min_value=Decimal("-9999999999.99"),
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Money or points to add; below 0 they are taken off.",
    )
    reason = forms.CharField(
        max_length=1000,
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept in the ledger, for whoever asks later.",
    )


def extend_action() -> Run:
    """Return the button that gives a code another end."""
    return command(
        "extend",
        label="Extend",
        question="From then on the code has an end of its own.",
        permission="manage",
        icon="event_upcoming",
        form_class=ExtendForm,
    )


def balance_action() -> Run:
    """Return the button that changes the balance of a card."""
    return command(
        "change_balance",
        label="Change the balance",
        question="The ledger keeps the movement with its reason.",
        permission="manage",
        icon="add_card",
        form_class=BalanceForm,
    )


def change_balance(
    request: HttpRequest, card: Voucher, *, amount: Decimal, reason: str
) -> None:
    """Add to a card, or take off it, and say what it has then.

    Raises:
        PermissionDenied: the role may not, or may only ask: of balances nobody asks.
        NeedsApproval: it is more than the project lets anybody move alone.
        PromoError: as the ledger says; nothing has moved.
    """
    if not visit(request).may("vouchers.modify"):
        raise PermissionDenied
    moved: Any = minor_units(amount)
    if card.type == VoucherType.LOYALTY_CARD:
        if amount != amount.to_integral_value():
            raise InvalidPayload("Points are whole numbers")
        moved = int(amount)
    card.project = project_of(request)
    after = do(request, "voucher.change_balance", card, amount=moved, reason=reason)
    tell(request, f"{card} has {balance_in_words(after)} now.")
