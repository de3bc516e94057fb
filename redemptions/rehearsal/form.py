"""What a person wants to try, and the request that a shop would send for it."""

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django import forms
from rest_framework.exceptions import ParseError, ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from promo.admin.forms import MoneyField
from promo.api.parsers import StrictJSONParser
from promo.api.problems import sentence
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.api.checkout_body import BasketBody, CheckoutBody, as_request
from redemptions.rehearsal.cart_items import Typed, order_items
from redemptions.rehearsal.named import customer_named

if TYPE_CHECKING:
    from redemptions.services.requests import CheckoutRequest

ROWS = 12
SHOWN_ROWS = 3
_OFFERED = 500
_MOMENT = "%Y-%m-%dT%H:%M"
_KINDS = {"promo_": "promotion_tier", "stack_": "promotion_stack"}
_REQUEST = frozenset({"redeemables", "order", "customer", "metadata"})


class TryItForm(forms.Form):
    """Offers, customer, moment and a cart; ``checkout`` is what they ask together.

    ``body`` is the same as the API would get it.
    """

    codes = forms.CharField(
        label="Codes",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="One a line, in the order in which they are used.",
    )
    tiers = forms.MultipleChoiceField(
        label="Promotions",
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="Tiers are tried after the codes; a stack goes alone.",
    )
    customer = forms.CharField(
        label="Customer",
        required=False,
        max_length=320,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "anna@example.com"}),
        help_text="Id, source id or e-mail address; empty for a guest.",
    )
    at = forms.DateTimeField(
        label="As of",
        required=False,
        input_formats=[_MOMENT, "%Y-%m-%dT%H:%M:%S"],
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="Empty for now. Uses are counted as they are today.",
    )
    amount = MoneyField(
        label="Order amount",
        required=False,
        help_text="Where the items do not matter.",
    )
    pasted = forms.CharField(
        label="Or paste JSON",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=(
            "An order, or a whole validation request as a shop sends it. It takes the "
            "place of the items; codes and customer named above count."
        ),
    )

    def __init__(self, *args: Any, project: Project, **named: Any) -> None:
        super().__init__(*args, **named)
        self.project = project
        self.body: dict[str, Any] = {}
        self.checkout: CheckoutRequest | None = None
        self.fields["tiers"].choices = _promotions(project)  # type: ignore[attr-defined]  # a choice field
        for index in range(ROWS):
            self.fields.update(_row_fields(index))

    @property
    def asks_what_applies(self) -> bool:
        """Whether the question is what could be used, not what certain offers do."""
        return self.data.get("do") == "qualify"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the cart as bound fields, and whether anything stands in them."""
        names = ("item", "quantity", "price")
        rows = [
            {name: self[f"{name}_{index}"] for name in names} for index in range(ROWS)
        ]
        return [{**row, "filled": any(row[n].value() for n in names)} for row in rows]

    @property
    def shown_rows(self) -> int:
        """How many rows are open at first: those in use, and some to fill."""
        used = [index for index, row in enumerate(self.rows, 1) if row["filled"]]
        return max(SHOWN_ROWS, max(used, default=0))

    def clean_pasted(self) -> dict[str, Any]:
        text = self.cleaned_data["pasted"].strip()
        if not text:
            return {}
        try:
            json.loads(text)
            found = StrictJSONParser().parse(BytesIO(text.encode()))
        except json.JSONDecodeError as wrong:
            place = f"line {wrong.lineno}, column {wrong.colno}"
            msg = f"This is not JSON: {wrong.msg} in {place}."
            raise forms.ValidationError(msg) from wrong
        except (ParseError, RecursionError) as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        if not isinstance(found, dict):
            msg = "This is a list; an order or a request is an object in { }."
            raise forms.ValidationError(msg)
        return found if found.keys() & _REQUEST else {"order": found}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.errors:
            return values
        self.body = self._body(values)
        if self.asks_what_applies:
            self.body.pop("redeemables", None)
        elif not self.body.get("redeemables"):
            self.add_error("codes", "Name a code, or choose a promotion.")
        if not self.errors:
            self._read()
        return values

    def _read(self) -> None:
        """Read the body as the API does."""
        try:
            shape = BasketBody() if self.asks_what_applies else CheckoutBody()
            self.checkout = as_request(shape.run_validation(self.body))
        except ValidationError as refused:
            field = "pasted" if self.cleaned_data["pasted"] else None
            self.add_error(field, f"{sentence(refused.detail)}.")

    def _body(self, values: dict[str, Any]) -> dict[str, Any]:
        body = dict(values["pasted"])
        redeemables = [_reference(code) for code in _codes(values["codes"])]
        redeemables += [_reference(chosen) for chosen in values["tiers"]]
        if redeemables:
            body["redeemables"] = redeemables
        customer = customer_named(self.project, values["customer"].strip())
        if customer:
            body["customer"] = customer
        order = {} if "order" in body else self._order(values)
        return {**body, "order": order} if order else body

    def _order(self, values: dict[str, Any]) -> dict[str, Any]:
        order: dict[str, Any] = {}
        if values["amount"] is not None:
            order["amount"] = values["amount"]
        typed = self._typed(values)
        if typed:
            order["items"], unknown = order_items(self.project, typed)
            if unknown:
                names = ", ".join(f"“{name}”" for name in unknown)
                self.add_error(
                    None,
                    f"The catalogue has no {names}: choose from the list, or say "
                    "what it costs.",
                )
        return order

    def _typed(self, values: dict[str, Any]) -> list[Typed]:
        found = []
        for index in range(ROWS):
            item = values[f"item_{index}"].strip()
            quantity, price = values[f"quantity_{index}"], values[f"price_{index}"]
            if item:
                found.append(Typed(item, quantity or 1, price))
            elif quantity or price is not None:
                self.add_error(f"item_{index}", "Say what it is.")
        return found


def _promotions(project: Project) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return stacks and tiers to choose from, the newest of each."""
    groups: dict[str, Any] = {
        "Tiers": project.promotion_tiers.alive().select_related("campaign"),
        "Stacks of tiers": project.promotion_stacks.alive().select_related("campaign"),
    }
    return [
        (
            name,
            [
                (one.pk, f"{one.name or one.pk} ({one.campaign.name})")
                for one in rows.order_by("-created_at", "-pk")[:_OFFERED]
            ],
        )
        for name, rows in groups.items()
    ]


def _row_fields(index: int) -> dict[str, forms.Field]:
    item = UnfoldAdminTextInputWidget(
        attrs={"list": "items", "autocomplete": "off", "aria-label": "Item"}
    )
    count = UnfoldAdminIntegerFieldWidget(
        attrs={"min": 1, "placeholder": "1", "aria-label": "Quantity"}
    )
    fields: dict[str, forms.Field] = {
        f"item_{index}": forms.CharField(required=False, max_length=255, widget=item),
        f"quantity_{index}": forms.IntegerField(
            required=False, min_value=1, max_value=1_000_000, widget=count
        ),
        f"price_{index}": MoneyField(required=False),
    }
    fields[f"price_{index}"].widget.attrs |= {
        "placeholder": "as listed",
        "aria-label": "Price of one",
    }
    return fields


def _codes(text: str) -> list[str]:
    return [
        code.strip() for code in text.replace(",", "\n").splitlines() if code.strip()
    ]


def _reference(code: str) -> dict[str, str]:
    kinds = (kind for prefix, kind in _KINDS.items() if parse_or_none(prefix, code))
    return {"object": next(kinds, "voucher"), "id": code}
