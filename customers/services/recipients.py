"""Customers as those who write to them ask for them.

Source: campaigns specification, "Distributions"; data specification, "Consents, double
opt-in, preference centre".
"""

from collections.abc import Collection

from customers.models import ConsentChoice, Customer, SegmentMember
from customers.models.customer import ID_PREFIX
from customers.models.segment import SEGMENT_PREFIX
from promo.ids import parse_or_none
from promo.tenancy.models import Project

_LANGUAGES = ("language", "locale")


def people_by_id(project: Project, ids: Collection[str]) -> dict[str, Customer]:
    """Return the living customers behind ``ids``, by id, in one statement."""
    known = [text for text in ids if parse_or_none(ID_PREFIX, text)]
    rows = project.customers.alive().filter(pk__in=known)
    return {customer.pk: customer for customer in rows} if known else {}


def language_of(customer: Customer) -> str:
    """Return the language in which to write, as ``de`` or ``de-at``; empty for none.

    It stands in the metadata, as ``language`` or else as ``locale``.
    """
    for name in _LANGUAGES:
        said = customer.metadata.get(name)
        if isinstance(said, str) and said:
            return said.strip().lower().replace("_", "-")
    return ""


def choices_by_person(
    customer_ids: Collection[str],
) -> dict[str, list[tuple[str, str, bool]]]:
    """Return what customers said of consents: id, category and whether it is given.

    One statement; who said nothing is left out.
    """
    found: dict[str, list[tuple[str, str, bool]]] = {}
    rows = ConsentChoice.objects.filter(customer__in=customer_ids)
    for each in rows.select_related("consent").order_by("id") if customer_ids else ():
        said = (each.consent_id, each.consent.category, each.given)
        found.setdefault(each.customer_id, []).append(said)
    return found


def known_consents(project: Project, ids: Collection[str]) -> set[str]:
    """Return which of the consents ``ids`` the project has."""
    if not ids:
        return set()
    rows = project.consents.by_references(list(ids))
    return set(rows.values_list("pk", flat=True))


def members_among(
    project: Project, segment_ids: Collection[str], customer_ids: Collection[str]
) -> set[tuple[str, str]]:
    """Return which of the customers are found in which of the segments.

    One statement, for members as they were placed last.
    """
    named = [text for text in segment_ids if parse_or_none(SEGMENT_PREFIX, text)]
    if not named or not customer_ids:
        return set()
    rows = SegmentMember.objects.filter(
        segment__project=project, segment__in=named, customer__in=customer_ids
    )
    return set(rows.values_list("segment_id", "customer_id"))


def next_members(
    project: Project, segment_id: str, *, after: str, count: int
) -> list[Customer]:
    """Return the next living members of a segment, by their ids; one statement."""
    rows = project.customers.alive().filter(memberships__segment=segment_id)
    if after:
        rows = rows.filter(pk__gt=after)
    return list(rows.order_by("pk")[:count])
