"""One definition as a row of plain fields, there and back."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from promo.comparison import as_number, as_text
from promo.metadata_schemas.engine.definitions import (
    STANDARD,
    UNKNOWN,
    WITH_GEOPOINTS,
    Definition,
)

Fields = dict[str, forms.Field]
#: The parts of a row, in the order in which they stand.
PARTS = ("key", "holds", "array", "need", "allowed", "least", "most")
OPTIONAL, REQUIRED, REMOVED = "optional", "required", "removed"
_OBJECT = "object:"
PLAIN_TYPES = (
    ("string", "Text"),
    ("number", "Number"),
    ("boolean", "Yes or no"),
    ("date", "Date"),
    ("datetime", "Date and time"),
    ("image_url", "Address of an image"),
)
_PLACE = ("geopoint", "Place")
_NEEDS = ((OPTIONAL, "Optional"), (REQUIRED, "Required"), (REMOVED, "Removed"))
#: What bounds a value: the characters of a text, a number itself.
_BOUNDS = {"string": ("min_length", "max_length"), "number": ("gte", "lte")}


def name_of(row: int, part: str) -> str:
    """Return what a part of a row is called in the form."""
    return f"row_{row}_{part}"


def types_for(related_object: str, nested: Sequence[str]) -> list[tuple[str, str]]:
    """Return what a key of a resource may hold; ``nested`` are the objects known.

    Of a resource that is not chosen yet everything is offered, and the service
    refuses what it cannot have.
    """
    choices = list(PLAIN_TYPES)
    if not related_object or related_object in WITH_GEOPOINTS:
        choices.append(_PLACE)
    if not related_object or related_object in STANDARD:
        choices.append((_OBJECT, "Object of anything"))
        choices += [(f"{_OBJECT}{name}", f"Object: {name}") for name in nested]
    return choices


def row_fields(
    row: int, types: Sequence[tuple[str, str]], definition: Definition | None
) -> Fields:
    """Return the fields of a row; of a known definition key and type stay."""
    fixed = definition is not None
    if definition is not None:
        held = holds(definition)
        known = dict(types)
        types = [(held, known.get(held, held.removeprefix(_OBJECT)))]
    made: Fields = {
        **plain_fields(types, is_known=fixed),
        "array": forms.BooleanField(
            label="Several", required=False, widget=UnfoldBooleanSwitchWidget
        ),
        "allowed": forms.CharField(
            label="Allowed values",
            required=False,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 1}),
        ),
        "least": _bound("At least"),
        "most": _bound("At most"),
    }
    made["holds"].disabled = fixed
    return {name_of(row, part): field for part, field in made.items()}


def plain_fields(types: Sequence[tuple[str, str]], *, is_known: bool) -> Fields:
    """Return the fields that every definition has, by part; a known key stays."""
    return {
        "key": forms.CharField(
            label="Key",
            required=False,
            max_length=255,
            disabled=is_known,
            widget=UnfoldAdminTextInputWidget,
        ),
        "holds": forms.ChoiceField(
            label="Holds",
            required=False,
            choices=types,
            widget=UnfoldAdminSelectWidget,
        ),
        "need": forms.ChoiceField(
            label="Need",
            required=False,
            choices=_NEEDS if is_known else _NEEDS[:2],
            widget=UnfoldAdminSelectWidget,
        ),
    }


def _bound(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=15,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )


def holds(definition: Definition) -> str:
    """Return the choice that stands for what a definition holds."""
    if definition.type != "object":
        return definition.type
    named = definition.object_type
    return _OBJECT if named in {None, UNKNOWN} else f"{_OBJECT}{named}"


def row_values(row: int, key: str, definition: Definition) -> dict[str, Any]:
    """Return what the fields of a row show of a definition."""
    least, most = _BOUNDS.get(definition.type, ("", ""))
    need = OPTIONAL if definition.optional else REQUIRED
    shown = {
        "key": key,
        "holds": holds(definition),
        "array": definition.array,
        "need": REMOVED if definition.deleted else need,
        "allowed": "\n".join(str(as_text(each)) for each in definition.eq),
        "least": getattr(definition, least, None),
        "most": getattr(definition, most, None),
    }
    return {name_of(row, part): value for part, value in shown.items()}


def definition_from(
    parts: Mapping[str, Any], definition: Definition | None
) -> dict[str, Any]:
    """Return the body of a definition; parts without a field stay as they are."""
    kind, _, nested = str(parts["holds"]).partition(":")
    body: dict[str, Any] = {"type": kind}
    if definition is not None:
        body = definition.as_json()
    if definition is None and nested:
        body["object_type"] = nested
    body["array"] = bool(parts["array"])
    body["deleted"] = parts["need"] == REMOVED
    # A removed definition comes back as it was.
    if not body["deleted"]:
        body["optional"] = parts["need"] != REQUIRED
    body["eq"] = [_typed(text, kind) for text in str(parts["allowed"]).splitlines()]
    if kind in _BOUNDS:
        bounds = map(_plain, (parts["least"], parts["most"]))
        body |= dict(zip(_BOUNDS[kind], bounds, strict=True))
    return body


def bounds_nothing(parts: Mapping[str, Any]) -> bool:
    """Say whether a row bounds what has no bounds: only texts and numbers have."""
    given = parts["least"] is not None or parts["most"] is not None
    return given and parts["holds"] not in _BOUNDS


def _typed(text: str, kind: str) -> Any:
    number = as_number(text.strip()) if kind == "number" else None
    return text.strip() if number is None else _plain(number)


def _plain(number: Decimal | None) -> int | float | None:
    """Return a JSON number, without a fraction where it is whole."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)
