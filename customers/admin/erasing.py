"""The dialog that erases a customer: what goes, what stays, and the name to type."""

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from promo.admin.commands import Run, command, plain_id
from promo.admin.forms import CommandForm
from promo.admin.visit import project_of


class EraseForm(CommandForm):
    """Asks for what the customer is called, so that nobody is erased by a slip."""

    # Not ``name``: the page behind the dialog has a field with that id.
    typed = forms.CharField(
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, request: HttpRequest, object_id: Any = None, *args: Any, **named: Any
    ) -> None:
        super().__init__(request, object_id, *args, **named)
        rows = project_of(request).customers.alive()
        found = rows.filter(pk=plain_id(str(object_id))).first()
        self.called = str(found) if found else ""
        self.fields["typed"].label = f"Type “{self.called}” to erase for good"

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"])
        if not self.called or typed.strip() != self.called.strip():
            msg = f"This is not “{self.called}”. Nothing has been erased."
            raise forms.ValidationError(msg)
        return typed


def erase_action() -> Run:
    """Return the button that erases a customer for good."""
    return command(
        "erase",
        label="Erase for good",
        question=(
            "Deletes the profile, orders, messages, events and log entries that tell "
            "of this person. Redemptions and what cards paid stay in the figures, "
            "without a name. This cannot be undone."
        ),
        permission="delete",
        icon="person_remove",
        form_class=EraseForm,
        variant=ActionVariant.DANGER,
    )
