from customers.models.customer import Customer
from customers.models.location import Location
from customers.models.segment import Segment, SegmentMember, SegmentType

__all__ = ["Customer", "Location", "Segment", "SegmentMember", "SegmentType"]
