from customers.models.customer import Customer
from customers.models.segment import Segment, SegmentMember, SegmentType

__all__ = ["Customer", "Segment", "SegmentMember", "SegmentType"]
