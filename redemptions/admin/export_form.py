"""Choosing what stands in a file: the rows, the columns, their order."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
)

from promo.admin.filter_form import text_field
from promo.admin.filters import midnight
from promo.admin.forms import ProjectForm
from promo.admin.visit import project_of, visit
from promo.clock import isoformat
from promo.errors import PromoError
from redemptions.exports.catalogue import Catalogue
from redemptions.exports.cells import label
from redemptions.exports.registry import CATALOGUES

Json = dict[str, Any]
ALWAYS, DATES = "", "dates"
#: Windows of the filters, as people say them.
PERIODS = (
    (ALWAYS, "At any time"),
    ("$today", "Today"),
    ("$yesterday", "Yesterday"),
    ("$this_week", "This week"),
    ("$last_week", "Last week"),
    ("$this_month", "This month"),
    ("$last_month", "Last month"),
)
#: The filter of each kind of rows that takes the id of a campaign.
_CAMPAIGNS = {
    "voucher": "campaign",
    "redemption": "campaign",
    "publication": "campaign",
    "voucher_transactions": "campaign_id",
}
_DATED = "created_at"
_DAY = timedelta(days=1)


def kinds_named(names: Any) -> str:
    """Return when a field shows: while one of these kinds of rows is chosen."""
    return f"{[*names]}.includes(exported_object)"


def _columns_field(catalogue: Catalogue) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Columns",
        required=False,
        choices=[(name, label(name)) for name in catalogue.field_names],
        initial=list(catalogue.defaults),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


def _order_field(catalogue: Catalogue) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Order",
        required=False,
        choices=[(order, _order_in_words(order)) for order in catalogue.orders],
        initial=catalogue.default_order,
        widget=UnfoldAdminSelectWidget,
    )


def _order_in_words(order: str) -> str:
    """Return an order as people say it: moments by age, all else by its letters."""
    name = order.removeprefix("-")
    first, last = ("oldest", "newest") if name.endswith("_at") else ("A", "Z")
    if order.startswith("-"):
        first, last = last, first
    how = f"{first} first" if name.endswith("_at") else f"{first} to {last}"
    return f"{label(name)}, {how}"


class SelectionForm(ProjectForm):
    """A form whose fields say the kind of rows and the parameters of an export."""

    exported_object = forms.ChoiceField(
        label="What", choices=(), widget=UnfoldAdminSelectWidget
    )
    period = forms.ChoiceField(
        label="Created",
        required=False,
        choices=PERIODS,
        widget=UnfoldAdminSelectWidget,
        help_text="Which rows go in, by the days of the project's time zone.",
    )
    campaign = text_field(
        "Of the campaign", "Spring sale", help_text="Its name or id; empty for all."
    )
    filters = forms.JSONField(
        label="More filters",
        required=False,
        initial=dict,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="For developers: JSON, as the API takes it. All must hold.",
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        seen = visit(self.request)
        self.fields["exported_object"].choices = [  # type: ignore[attr-defined]  # a choice
            (each.name, each.label)
            for each in CATALOGUES.values()
            if seen.may(each.permission)
        ]
        if self.instance.created_at:
            self.initial.update(_initial(self.instance))

    def clean_campaign(self) -> str:
        typed = str(self.cleaned_data["campaign"]).strip()
        if not typed:
            return ""
        rows = project_of(self.request).campaigns.by_reference(typed)
        found = rows.values_list("pk", flat=True).first()
        if found is None:
            msg = "There is no such campaign."
            raise forms.ValidationError(msg)
        return found

    def clean_filters(self) -> Json:
        typed = self.cleaned_data["filters"] or {}
        if not isinstance(typed, dict):
            msg = "Filters are a JSON object."
            raise forms.ValidationError(msg)
        return typed

    @property
    def parameters(self) -> Json:
        """What the fields say, as the API takes it."""
        values = self.cleaned_data
        kind = values["exported_object"]
        asked: Json = {
            "fields": values[f"columns_{kind}"],
            "order": values[f"order_{kind}"],
            "filters": {"junction": "and", **self._filters(kind)},
        }
        return {name: value for name, value in asked.items() if value}

    def _filters(self, kind: str) -> Json:
        values, found = self.cleaned_data, dict(self.cleaned_data["filters"])
        dated = self._dated(values) if kind != "points_expiration" else {}
        if dated:
            found[_DATED] = {"conditions": dated}
        if values.get("campaign") and kind in _CAMPAIGNS:
            found[_CAMPAIGNS[kind]] = {"conditions": {"$is": [values["campaign"]]}}
        return found

    def _dated(self, values: Mapping[str, Any]) -> Json:
        period = values.get("period")
        return {period: [True]} if period else {}

    def _place(self, refused: PromoError) -> tuple[str | None, str]:
        """Show what is wrong with filters where the filters are."""
        field, text = super()._place(refused)
        is_filter = ".parameters.filters" in (refused.details or "")
        return ("filters" if is_filter else field), text


def selection_fields() -> Iterator[str]:
    """Return the names of the fields that only one kind of rows has."""
    for name in CATALOGUES:
        yield f"columns_{name}"
        yield f"order_{name}"


# One set of columns and one list of orders for each kind of rows.
for _name, _catalogue in CATALOGUES.items():
    SelectionForm.declared_fields[f"columns_{_name}"] = _columns_field(_catalogue)
    SelectionForm.declared_fields[f"order_{_name}"] = _order_field(_catalogue)

SELECTION = (
    "exported_object",
    *selection_fields(),
    "period",
    "campaign",
    "filters",
)
#: When each of these shows.
CONDITIONS = {
    **{f"columns_{name}": kinds_named([name]) for name in CATALOGUES},
    **{f"order_{name}": kinds_named([name]) for name in CATALOGUES},
    "period": "exported_object != 'points_expiration'",
    "campaign": kinds_named(_CAMPAIGNS),
}


class ExportForm(SelectionForm):
    """A file, once."""

    since = forms.DateField(
        label="From", required=False, widget=UnfoldAdminSingleDateWidget
    )
    until = forms.DateField(
        label="To",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text="Both days included.",
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        periods = [*PERIODS, (DATES, "Between two days")]
        self.fields["period"].choices = periods  # type: ignore[attr-defined]  # a choice

    def _dated(self, values: Mapping[str, Any]) -> Json:
        if values.get("period") != DATES:
            return super()._dated(values)
        found: Json = {}
        if values.get("since"):
            found["$more_than_equal"] = [isoformat(midnight(values["since"]))]
        if values.get("until"):
            found["$before"] = [isoformat(midnight(values["until"] + _DAY))]
        return found


def _initial(stored: Any) -> Json:
    """Return what the fields show of a stored selection."""
    kind, parameters = stored.exported_object, stored.parameters
    filters = dict(parameters.get("filters") or {})
    filters.pop("junction", None)
    shown: Json = {"exported_object": kind}
    for name, field in (("fields", "columns"), ("order", "order")):
        if parameters.get(name):
            shown[f"{field}_{kind}"] = parameters[name]
    period = _only_condition(filters.get(_DATED))
    if period in dict(PERIODS):
        shown["period"] = period
        del filters[_DATED]
    named = filters.get(_CAMPAIGNS.get(kind, ""))
    if _only_condition(named) == "$is":
        shown["campaign"] = filters.pop(_CAMPAIGNS[kind])["conditions"]["$is"][0]
    shown["filters"] = filters
    return shown


def _only_condition(entry: Any) -> str | None:
    conditions = entry.get("conditions", {}) if isinstance(entry, dict) else {}
    return next(iter(conditions)) if len(conditions) == 1 else None
