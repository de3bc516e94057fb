"""The catalogue of events: complete, each declared once, each with its shapes."""

from typing import Any

import pytest
from django.conf import settings

from promo.outbox import catalogue
from promo.outbox.declaring import Audience, EventType, Key, declare


def test_the_documented_events_are_all_there() -> None:
    assert len(catalogue.heard_by(Audience.PROJECT)) == 61
    assert len(catalogue.heard_by(Audience.DISTRIBUTION)) == 27
    assert len(catalogue.heard_by(Audience.ACTIVITY)) == 74
    assert catalogue.heard_by(Audience.OWN) == ("campaign.budget.reached",)


def test_every_key_of_every_event_has_a_shape() -> None:
    shapes = catalogue.object_shapes()

    without = {
        f"{each.name}: {key.shape}"
        for each in catalogue.event_types().values()
        for key in each.data
        if key.shape not in shapes
    }

    assert without == set()


def test_a_declaration_is_read() -> None:
    [read] = declare("x.happened", data="voucher holder:customer?", to=Audience.PROJECT)

    assert read == EventType(
        name="x.happened",
        data=(Key("voucher", "voucher", False), Key("holder", "customer", True)),
        audience=Audience.PROJECT,
        planned="",
    )


def test_the_schema_of_the_data_asks_for_the_keys_that_are_always_there() -> None:
    [told] = declare("x.happened", data="voucher holder:customer?", to=Audience.PROJECT)

    schema = catalogue.data_schema(told, shapes_at="#/$defs")

    assert schema == {
        "type": "object",
        "required": ["voucher"],
        "properties": {
            "voucher": {"$ref": "#/$defs/voucher"},
            "holder": {"anyOf": [{"$ref": "#/$defs/customer"}, {"type": "null"}]},
        },
    }


def test_a_type_that_is_declared_twice_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twice: Any = [*settings.EVENT_CATALOGUES, "customers.event_catalogue"]
    monkeypatch.setattr(settings, "EVENT_CATALOGUES", twice)
    catalogue.event_types.cache_clear()

    with pytest.raises(ValueError, match=r"customer\.created is declared twice"):
        catalogue.event_types()
