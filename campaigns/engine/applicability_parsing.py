"""Reading the ``applicable_to`` of a validation rule, and writing it back.

Source: rules specification, "Applicability lists"; engine specification,
"Applicability, application rules, caps".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from campaigns.engine.applicability import ApplicableTo, Entry, LastingCap
from campaigns.engine.formulas.checking import formula_text
from campaigns.engine.numbers import choice, optional_text, whole_number
from promo.errors import InvalidPayload

OBJECTS = ("product", "sku", "products_collection")
EVERY = "APPLY_TO_EVERY"
EFFECTS = (
    EVERY,
    "APPLY_TO_CHEAPEST",
    "APPLY_FROM_CHEAPEST",
    "APPLY_TO_MOST_EXPENSIVE",
    "APPLY_FROM_MOST_EXPENSIVE",
)
TARGETS = ("ITEM", "UNIT")
CAPS = (
    "quantity_limit",
    "aggregated_quantity_limit",
    "amount_limit",
    "aggregated_amount_limit",
)
#: Caps on units over the life of a campaign or tier; each may have a formula.
LASTING_CAPS: Mapping[str, LastingCap] = {
    f"product_{scope}_quantity_limit": cap
    for scope, cap in (
        ("campaign", LastingCap("campaign")),
        ("customer_campaign", LastingCap("campaign", by_customer=True)),
        ("in_collection_campaign", LastingCap("campaign", by_member=True)),
        (
            "in_collection_customer_campaign",
            LastingCap("campaign", by_member=True, by_customer=True),
        ),
        ("promotion_tier", LastingCap("promotion_tier")),
        ("customer_promotion_tier", LastingCap("promotion_tier", by_customer=True)),
        ("in_collection_promotion_tier", LastingCap("promotion_tier", by_member=True)),
        (
            "in_collection_customer_promotion_tier",
            LastingCap("promotion_tier", by_member=True, by_customer=True),
        ),
    )
}
TEXTS = ("product_id", "product_source_id")


def parse_applicable_to(body: Any, path: str = ".applicable_to") -> ApplicableTo | None:
    """Read the lists as sent or as stored; None when there are none.

    Raises:
        InvalidPayload: a field of another shape, naming its path.
    """
    if body is None:
        return None
    if not isinstance(body, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    included_all = body.get("included_all")
    if not isinstance(included_all, bool | None):
        raise InvalidPayload(f"Property {path}.included_all must be boolean")
    return ApplicableTo(
        included=_entries(body.get("included"), f"{path}.included"),
        excluded=_entries(body.get("excluded"), f"{path}.excluded"),
        included_all=bool(included_all),
    )


def applicable_to_json(lists: ApplicableTo | None) -> dict[str, Any] | None:
    """Return the lists as stored and answered."""
    if lists is None:
        return None
    return {
        "excluded": [dict(entry.definition) for entry in lists.excluded],
        "included": [dict(entry.definition) for entry in lists.included],
        "included_all": lists.included_all,
    }


def collections_in(lists: ApplicableTo | None) -> frozenset[str]:
    """Return the ids of the collections that the lists name."""
    if lists is None:
        return frozenset()
    return frozenset(
        entry.id
        for entry in (*lists.included, *lists.excluded)
        if entry.object == "products_collection" and entry.id
    )


def _entries(body: Any, path: str) -> tuple[Entry, ...]:
    if body is None:
        return ()
    if not isinstance(body, list | tuple):
        raise InvalidPayload(f"Property {path} must be array")
    return tuple(_entry(entry, f"{path}[{index}]") for index, entry in enumerate(body))


def _entry(body: Any, path: str) -> Entry:
    if not isinstance(body, Mapping):
        raise InvalidPayload(f"Property {path} must be object")
    definition = _definition(body, path)
    return Entry(
        object=definition["object"],
        id=definition["id"],
        source_id=definition["source_id"],
        effect=definition["effect"],
        skip_initially=definition.get("skip_initially", 0),
        repeat=definition.get("repeat", 1),
        target=definition.get("target", TARGETS[0]),
        price=definition.get("price"),
        price_formula=definition.get("price_formula"),
        lasting_caps=tuple(_lasting_caps(definition)),
        definition=definition,
        **{name: definition.get(name) for name in CAPS},
    )


def _lasting_caps(definition: Mapping[str, Any]) -> Iterator[LastingCap]:
    for name, cap in LASTING_CAPS.items():
        limit, formula = definition.get(name), definition.get(f"{name}_formula")
        if limit is not None or formula is not None:
            yield replace(cap, limit=limit, formula=formula)


def _definition(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the entry as echoed: what was sent, checked, and its defaults."""
    kind = choice(body.get("object"), f"{path}.object", OBJECTS)
    if kind is None:
        raise InvalidPayload(f"Property {path} should have required property 'object'")
    identity = {
        name: optional_text(body.get(name), f"{path}.{name}")
        for name in ("id", "source_id")
    }
    if not any(identity.values()):
        raise InvalidPayload(f"Property {path} should have required property 'id'")
    effect = choice(body.get("effect"), f"{path}.effect", EFFECTS)
    sent = _sent_numbers(body, path) | _sent_texts(body, path)
    return {"object": kind, **identity, "effect": effect or EVERY, "strict": False} | {
        name: value for name, value in sent.items() if value is not None
    }


def _sent_numbers(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    at_least_one = ("repeat",)
    names = ("skip_initially", *at_least_one, "price", *CAPS, *LASTING_CAPS)
    return {
        name: whole_number(
            body.get(name), f"{path}.{name}", least=int(name in at_least_one)
        )
        for name in names
    }


def _sent_texts(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    formulas = ("price_formula", *(f"{name}_formula" for name in LASTING_CAPS))
    texts: dict[str, Any] = {
        name: optional_text(body.get(name), f"{path}.{name}") for name in TEXTS
    }
    texts |= {
        name: formula_text(_as_formula(body.get(name)), f"{path}.{name}")
        for name in formulas
    }
    texts["target"] = choice(body.get("target"), f"{path}.target", TARGETS)
    return texts


def _as_formula(value: Any) -> Any:
    """Take a bare number, as one schema types formulas, for the formula it is."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value
