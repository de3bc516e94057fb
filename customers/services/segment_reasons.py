"""Which segments hold a customer, each with why, for people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from customers.engine.segment_reasons import Facts, Voice, reasons
from customers.models import Customer, Segment
from customers.services.location_lookup import shapes_named
from customers.services.segment_lookup import segments_around
from promo.filter_grammar import locations_named
from promo.metadata_schemas.known import known_schemas


@dataclass(frozen=True, slots=True)
class Held:
    """A segment that holds the customer; ``why`` is empty where it lists members."""

    segment: Segment
    why: Sequence[str]


def segments_with_why(
    customer: Customer, *, money: Callable[[int], str], now: datetime
) -> list[Held]:
    """Return the segments a customer is in, newest first, with what they ask for.

    ``money`` writes minor units. At most five statements.
    """
    placed = segments_around(customer, now=now)
    project = customer.project
    shown = [
        placed.filters[one.pk] for one in placed.segments if one.pk in placed.filters
    ]
    facts = Facts(
        placed.profile,
        project.calendar(now),
        shapes_named(project, shown),
        known_schemas(project).kinds.get("customer"),
    )
    named = sorted(locations_named(shown))
    names = {}
    if named:
        rows = project.locations.filter(pk__in=named)
        names = dict(rows.values_list("pk", "name"))
    voice = Voice(money, names)
    return [
        Held(one, reasons(placed.filters[one.pk], facts, voice))
        if one.pk in placed.filters
        else Held(one, ())
        for one in placed.segments
    ]
