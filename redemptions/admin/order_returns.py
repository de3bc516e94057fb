"""Returns on an order's page: what came back, and the dialog that takes units back."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from promo.admin.commands import Run, command, plain_id, tell
from promo.admin.forms import CommandForm, in_words
from promo.admin.presentation import money
from promo.admin.visit import project_of, visit
from promo.errors import PromoError
from promo.tenancy.models import Project
from redemptions.admin.cart import name_of
from redemptions.models import Order, OrderReturn
from redemptions.services.returns import preview_return, return_items
from redemptions.services.sold_lines import AskedLine, lines_left
from redemptions.services.undoing import Movement

Json = dict[str, Any]
_SHOWN = 50
_LINE = "line_"
_DIGITS = 9


QUESTION = (
    "What was paid for the units is worked out, and their part of every discount, "
    "credit and point is taken back. What is left of a redemption is rolled back with "
    "its last unit."
)


class ReturnForm(CommandForm):
    """How many units of each line came back, and why; it shows what is paid back."""

    form_after_template = "admin/return_ask.html"

    def __init__(
        self, request: HttpRequest, object_id: Any = None, *args: Any, **named: Any
    ) -> None:
        super().__init__(request, object_id, *args, **named)
        del self.fields["_reason"]
        self.order = self.order_of(request, plain_id(str(object_id)))
        for line in lines_left(self.order) if self.order else ():
            if line.quantity:
                self.fields[f"{_LINE}{line.position}"] = forms.IntegerField(
                    label=f"{name_of(line.item)}, {line.quantity:,} left",
                    min_value=0,
                    max_value=line.quantity,
                    required=False,
                    widget=UnfoldAdminIntegerFieldWidget(
                        attrs={"min": 0, "max": line.quantity, **self._shows_result()}
                    ),
                )
        self.fields["reason"] = forms.CharField(
            max_length=1000,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            help_text="Kept with the return, for whoever asks later.",
        )

    def order_of(self, request: HttpRequest, object_id: str) -> Order | None:
        """Return the order of which units come back; None where there is none."""
        found: Order | None = (
            project_of(request).orders.alive().filter(pk=object_id).first()
        )
        return found

    def _shows_result(self) -> dict[str, str]:
        """Return what makes a field show the result as somebody types."""
        if self.order is None:
            return {}
        name = "admin:redemptions_order_return_preview"
        return {
            "hx-get": reverse(name, args=(quote(self.order.pk),)),
            "hx-trigger": "input changed delay:300ms",
            "hx-include": f"#dialog-form [name^={_LINE}]",
            "hx-target": "#return-preview",
            "hx-select": "unset",
            "hx-swap": "innerHTML",
            "hx-indicator": "#return-preview",
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not asked_lines(cleaned):
            msg = "Say how many units came back."
            raise ValidationError(msg)
        return cleaned


class RedemptionReturnForm(ReturnForm):
    """The same on the page of a redemption: units of the order that it is about."""

    def order_of(self, request: HttpRequest, object_id: str) -> Order | None:
        rows = project_of(request).redemptions.filter(pk=object_id)
        found = rows.exclude(order=None).select_related("order").first()
        return found.order if found else None


def return_action(form_class: type[ReturnForm]) -> Run:
    """Return the button that takes units of an order back."""
    return command(
        "return_units",
        label="Return units",
        question=QUESTION,
        permission="return",
        icon="assignment_return",
        form_class=form_class,
    )


def take_units_back(
    request: HttpRequest, order: Order, values: Mapping[str, Any]
) -> None:
    """Return units of an order, and say what is to be paid back.

    Raises:
        PromoError: as returning says; nothing has moved.
    """
    project = project_of(request)
    made = return_items(
        project=project,
        order=order.pk,
        lines=asked_lines(values),
        reason=values["reason"],
        now=visit(request).now,
    )
    tell(
        request, f"Returned: {money(made.refund_amount, project.currency)} to pay back."
    )


def asked_lines(values: Mapping[str, Any]) -> list[AskedLine]:
    """Return the lines of which units came back."""
    return [
        AskedLine(index=int(name.removeprefix(_LINE)), quantity=count)
        for name, count in values.items()
        if name.startswith(_LINE) and count
    ]


def asked_in(query: QueryDict) -> list[AskedLine]:
    """Return the lines of an address; what is no number of units asks for none."""
    numbers: dict[str, Any] = {}
    for name, value in query.items():
        text = str(value)
        known = name.startswith(_LINE) and name.removeprefix(_LINE).isdecimal()
        if known and text.isdecimal() and len(text) <= _DIGITS:
            numbers[name] = int(text)
    return asked_lines(numbers)


def previewed(project: Project, order: Order, lines: list[AskedLine]) -> Json:
    """Return what the dialog shows of a return that has not been made."""
    if not lines:
        return {}
    currency = project.currency
    try:
        found = preview_return(project=project, order=order.pk, lines=lines)
    except PromoError as refused:
        return {"refusal": in_words(refused)}
    return {
        "refund": money(found.returned.refund_amount, currency),
        "amount": money(found.returned.amount, currency),
        "shares": [_share(one, currency) for one in found.movements],
    }


def _share(one: Movement, currency: str) -> Json:
    """Return what becomes of one redemption, in words."""
    row, said = one.row, []
    if one.discount_amount:
        said.append(f"{money(one.discount_amount, currency)} of discount taken back")
    if one.card_amount:
        card = money(one.card_amount, currency)
        if row.reward is not None:
            card = f"{one.card_amount:,} points"
        said.append(f"{card} back on the card")
    if one.is_whole:
        said.append("rolled back, so the use is given back")
    name = row.voucher_code or str(row.promotion_tier or row.shown_id)
    return {"name": name, "what": ", ".join(said)}


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
