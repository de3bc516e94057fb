"""Locations: places on the map that filters of segments and collections name."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from customers.models import Location
from customers.services import location as service
from promo.admin.base import ProjectModelAdmin
from promo.admin.filter_form import text_field
from promo.admin.forms import ProjectForm
from promo.admin.presentation import json_block
from promo.admin.summary import Figure
from promo.errors import PromoError

Json = dict[str, Any]
CIRCLE, POLYGON = "circle", "polygon"
_UNITS = {"km": "kilometres", "m": "metres", "mi": "miles", "ft": "feet"}
#: The field that says each part of a shape.
_PARTS = {".center": "center", ".radius": "radius", ".geojson": "geojson"}


class GeoJsonField(forms.JSONField):
    """JSON that is pasted: empty where there is none."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class LocationForm(ProjectForm):
    type = forms.ChoiceField(
        label="Shape",
        choices=[(CIRCLE, "A circle"), (POLYGON, "A polygon")],
        widget=UnfoldAdminSelectWidget,
    )
    center = text_field(
        "Centre", "52.2297, 21.0122", help_text="Latitude and longitude in degrees."
    )
    radius = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_digits=15,
        decimal_places=6,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    unit = forms.ChoiceField(
        required=False, choices=list(_UNITS.items()), widget=UnfoldAdminSelectWidget
    )
    geojson = GeoJsonField(
        label="GeoJSON",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
        help_text="A Polygon or MultiPolygon, or a feature with one.",
    )

    class Meta:
        model = Location
        fields = ("name",)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.created_at:
            self.initial.update(_shown(self.instance.shape))

    @property
    def shape_sent(self) -> Json:
        """The shape that the fields say."""
        values = self.cleaned_data
        if values["type"] == POLYGON:
            return {"type": POLYGON, "geojson": _geometry(values["geojson"])}
        radius = values["radius"]
        length = "" if radius is None else f"{radius.normalize():f} {values['unit']}"
        distance = {"center": values["center"], "radius": length}
        return {"type": CIRCLE, "distance": distance}

    def _place(self, refused: PromoError) -> tuple[str | None, str]:
        field, text = super()._place(refused)
        named = (part for path, part in _PARTS.items() if path in text)
        return next(named, field), text


def _shown(shape: Json) -> Json:
    """Return a stored shape as the fields show it."""
    if shape["type"] == POLYGON:
        return {"type": POLYGON, "geojson": shape["geojson"]}
    length = shape["distance"]["radius"]
    unit = length.lstrip("0123456789.").strip()
    return {
        "type": CIRCLE,
        "center": shape["distance"]["center"].removeprefix("geo:"),
        "radius": Decimal(length.removesuffix(unit).strip()),
        "unit": unit,
    }


def _geometry(pasted: Any) -> Any:
    """Return the one geometry of what map editors give: a feature or their list."""
    if isinstance(pasted, Mapping) and pasted.get("type") == "FeatureCollection":
        features = pasted.get("features")
        if isinstance(features, list) and len(features) == 1:
            pasted = features[0]
    if isinstance(pasted, Mapping) and pasted.get("type") == "Feature":
        return pasted.get("geometry")
    return pasted


@admin.register(Location)
class LocationAdmin(ProjectModelAdmin):
    resource = "locations"
    empty_note = (
        "A location is a circle or a polygon on the map that segments and rules "
        "can ask about."
    )
    operations = service.OPERATIONS
    form = LocationForm
    list_display = ["name", "described", "id", "created_at"]
    search_fields = ["name__icontains"]
    search_help_text = "Name or id"
    ordering = ["name", "id"]
    readonly_fields = ["id", "shape_shown", "created_at", "updated_at"]
    _SHAPE = ("type", "center", ("radius", "unit"), "geojson")
    conditional_fields: ClassVar = {
        "center": "type == 'circle'",
        "radius": "type == 'circle'",
        "unit": "type == 'circle'",
        "geojson": "type == 'polygon'",
    }
    add_fieldsets = ((None, {"fields": ("name", *_SHAPE)}),)
    fieldsets = (
        *add_fieldsets,
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )
    view_fieldsets = (
        (None, {"fields": ("name", "shape_shown")}),
        ("More", {"fields": ("id", "created_at", "updated_at")}),
    )

    @admin.display(description="Shape")
    def described(self, location: Location) -> str:
        distance = location.shape.get("distance")
        if distance is None:
            return "Polygon"
        return f"{distance['radius']} around {distance['center'].removeprefix('geo:')}"

    @admin.display(description="Shape")
    def shape_shown(self, location: Location) -> Any:
        return json_block(location.shape)

    def summary(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        note = "Filters name its id with $in_location or $not_in_location"
        return [Figure("Shape", self.described(obj), note)]

    def service_values(self, request: HttpRequest, form: Any, *, change: bool) -> Json:
        changed = set(form.changed_data)
        sent: Json = {}
        if not change or "name" in changed:
            sent["name"] = form.cleaned_data["name"]
        if not change or changed - {"name"}:
            sent["shape"] = form.shape_sent
        return sent
