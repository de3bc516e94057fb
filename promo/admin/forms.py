"""Forms of the dashboard: shape here, decisions in the services."""

import re
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextInputWidget,
)

from promo.admin.presentation import minor_units
from promo.errors import MetadataRefused, PromoError
from promo.money import in_major_units

_PATH = re.compile(r"Property \.?(\w+)")


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]  # one form for every model
    """A form whose save is a service; ``refused`` is what the service answered.

    The refusal appears beside the field its path names, else above the form.
    """

    request: ClassVar[HttpRequest]
    refused: ClassVar[PromoError | None] = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refused is not None:
            self.add_error(*self._place(self.refused))
        return cleaned

    def _post_clean(self) -> None:
        """Leave the row as it is: the service gets the values and checks them."""

    def _place(self, refused: PromoError) -> tuple[str | None, str]:
        named = _PATH.match(refused.details or "")
        field = named.group(1) if named else ""
        if isinstance(refused, MetadataRefused):
            field = "metadata"
        if field not in self.fields or self.fields[field].disabled:
            return None, in_words(refused)
        return field, _beside_field(refused, field)


def _beside_field(refused: PromoError, field: str) -> str:
    """Return a refusal without what the field beside it says: that it is meant."""
    told = (refused.details or "").removeprefix("Property ").removeprefix(".")
    rest = told.removeprefix(field)
    if not rest.startswith(" "):
        return in_words(refused)
    words = rest.strip()
    return f"{words[:1].upper()}{words[1:]}."


def in_words(refused: PromoError) -> str:
    """Return a refusal as a person reads it."""
    if refused.details and refused.details != refused.message:
        return f"{refused.message}: {refused.details}"
    return refused.message


class MoneyField(forms.DecimalField):
    """Money typed in major units, ``20.00``; its value is minor units."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", UnfoldAdminDecimalFieldWidget(attrs={"min": 0}))
        options.setdefault("min_value", Decimal(0))
        options.setdefault("max_value", Decimal("9999999999.99"))
        super().__init__(decimal_places=2, **options)

    def prepare_value(self, value: Any) -> Any:
        return in_major_units(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        return minor_units(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(minor_units(self.to_python(data)) != initial)
        except forms.ValidationError:
            return True


class CommandForm(BaseDialogForm):
    """The dialog that asks before a command runs; refusals show inside it.

    Why it runs is kept in the audit log; a form that asks for a reason of its own does
    not ask twice.
    """

    _reason = forms.CharField(
        required=False,
        max_length=500,
        label="Why",
        help_text="Optional, kept in the audit log.",
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "reason" in self.fields:
            del self.fields["_reason"]
        else:
            self.order_fields([name for name in self.fields if name != "_reason"])

    def render_before_template(self) -> str:
        before: str = super().render_before_template()
        return before + "".join(str(self.non_field_errors()))
