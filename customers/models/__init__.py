from customers.models.consent import (
    Consent,
    ConsentCategory,
    ConsentChoice,
    ConsentGroup,
)
from customers.models.custom_event import (
    CustomEvent,
    CustomEventCount,
    CustomEventSchema,
)
from customers.models.customer import Customer
from customers.models.location import Location
from customers.models.segment import Segment, SegmentMember, SegmentType
from customers.models.unconfirmed import UnconfirmedCustomer

__all__ = [
    "Consent",
    "ConsentCategory",
    "ConsentChoice",
    "ConsentGroup",
    "CustomEvent",
    "CustomEventCount",
    "CustomEventSchema",
    "Customer",
    "Location",
    "Segment",
    "SegmentMember",
    "SegmentType",
    "UnconfirmedCustomer",
]
