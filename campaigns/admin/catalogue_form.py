"""What the forms of the catalogue share."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldAdminURLInputWidget

from campaigns.models import ProductCollectionItem, Sku
from promo.admin.forms import MoneyField, ProjectForm


def one_product() -> AutocompleteSelect:
    """Return a field that looks a product up as somebody types."""
    return AutocompleteSelect(Sku._meta.get_field("product"), admin.site)


def many(kind: str) -> AutocompleteSelectMultiple:
    """Return a field that looks up several; ``kind`` is ``product`` or ``sku``."""
    field = ProductCollectionItem._meta.get_field(kind)
    return AutocompleteSelectMultiple(field, admin.site)


class ItemForm(ProjectForm):
    """The id in the shop, the price and the picture of a product or SKU."""

    source_id = forms.CharField(
        label="Id in your shop",
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="How your shop names it in orders.",
    )
    price = MoneyField(required=False)
    image_url = forms.URLField(
        label="Picture",
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if "metadata" in self.fields:
            self.fields["metadata"].help_text = "Keys can be added and changed."

    def others(self) -> QuerySet[Any]:
        """Return what else the id in the shop may belong to."""
        raise NotImplementedError

    def clean_source_id(self) -> str:
        given = str(self.cleaned_data["source_id"])
        others = self.others().filter(source_id=given).exclude(pk=self.instance.pk)
        if given and others.exists():
            msg = "Another one has this id already."
            raise ValidationError(msg)
        return given
