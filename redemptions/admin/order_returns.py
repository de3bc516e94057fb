"""Returns on an order's page: what came back, and the dialog that takes units back."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from promo.admin.commands import plain_id
from promo.admin.forms import CommandForm
from promo.admin.presentation import money
from promo.admin.visit import project_of
from redemptions.admin.cart import name_of
from redemptions.models import Order, OrderReturn
from redemptions.services.sold_lines import AskedLine, lines_left

_SHOWN = 50
_LINE = "line_"


class ReturnForm(CommandForm):
    """How many units of each line came back, and why."""

    def __init__(
        self, request: HttpRequest, object_id: Any = None, *args: Any, **named: Any
    ) -> None:
        super().__init__(request, object_id, *args, **named)
        del self.fields["_reason"]
        found = (
            project_of(request)
            .orders.alive()
            .filter(pk=plain_id(str(object_id)))
            .first()
        )
        for line in lines_left(found) if found else ():
            if line.quantity:
                self.fields[f"{_LINE}{line.position}"] = forms.IntegerField(
                    label=f"{name_of(line.item)}, {line.quantity:,} left",
                    min_value=0,
                    max_value=line.quantity,
                    required=False,
                    widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 0}),
                )
        self.fields["reason"] = forms.CharField(
            max_length=1000,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            help_text="Kept with the return, for whoever asks later.",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not asked_lines(cleaned):
            msg = "Say how many units came back."
            raise ValidationError(msg)
        return cleaned


def asked_lines(values: dict[str, Any]) -> list[AskedLine]:
    """Return the lines of which units came back."""
    return [
        AskedLine(index=int(name.removeprefix(_LINE)), quantity=count)
        for name, count in values.items()
        if name.startswith(_LINE) and count
    ]


def returns_of(order: Order) -> list[dict[str, Any]]:
    """Return the returns of an order as its page shows them, newest first."""
    currency = order.project.currency
    rows = order.returns.prefetch_related("lines__sold_line")[:_SHOWN]
    return [
        {
            "at": row.created_at,
            "units": _units(row),
            "refund": money(row.refund_amount, currency),
            "discount": money(row.discount_amount, currency),
            "reason": row.reason or row.source_id or "",
        }
        for row in rows
    ]


def _units(row: OrderReturn) -> str:
    return ", ".join(
        f"{line.quantity:,} × {name_of(line.sold_line.item)}"  # noqa: RUF001 - a times sign, as carts write it
        for line in row.lines.all()
    )
