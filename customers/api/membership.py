"""Narrowing customers by the segments they are in."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from customers.models import SegmentMember
from customers.models.segment import SEGMENT_PREFIX
from promo.api.columns import Column
from promo.filter_grammar import Condition
from promo.ids import parse_or_none


@dataclass(frozen=True)
class MembershipColumn(Column):
    """The segments that a customer has been found to be in."""

    operators = frozenset(["$is", "$is_not", "$in", "$not_in"])

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the customers in one of the segments."""
        ids = [one for one in condition.values if parse_or_none(SEGMENT_PREFIX, one)]
        places = SegmentMember.objects.filter(customer=OuterRef("pk"), segment__in=ids)
        return Q(Exists(places))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the customers in no segment, or in some."""
        held = Q(Exists(SegmentMember.objects.filter(customer=OuterRef("pk"))))
        return ~held if null else held
