"""The least valid customers and segments."""

from datetime import UTC, datetime
from typing import Any

import factory

from customers.models import (
    Customer,
    CustomEventSchema,
    Location,
    Segment,
    SegmentType,
)
from tests.factories.tenancy import ProjectFactory


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    project = factory.SubFactory(ProjectFactory)
    source_id = factory.Sequence(lambda n: f"customer-{n}")
    created_at = datetime(2027, 1, 1, tzinfo=UTC)


EVERYBODY = {"junction": "and", "created_at": {"conditions": {"$has_value": [True]}}}


class SegmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Segment

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Segment {n}")
    type = SegmentType.PASSIVE
    filter = EVERYBODY
    created_at = datetime(2027, 1, 1, tzinfo=UTC)


class EventSchemaFactory(factory.django.DjangoModelFactory):
    """An event without metadata of its own."""

    class Meta:
        model = CustomEventSchema

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"event_{n}")
    created_at = datetime(2027, 1, 1, tzinfo=UTC)


def circle(center: str = "geo:52.23,21.01", radius: str = "10 km") -> dict[str, Any]:
    """Return the shape of a circle, around Warsaw unless said otherwise."""
    distance = {"center": center, "radius": radius}
    return {"type": "circle", "format": "distance", "distance": distance}


class LocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Location

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Location {n}")
    shape = factory.LazyFunction(circle)
    created_at = datetime(2027, 1, 1, tzinfo=UTC)
