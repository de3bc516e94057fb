"""Metadata of publications, read only where a formula asks for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from campaigns.models import Publication
from customers.models import Customer
from redemptions.engine.facts import Redeemable

_OPERAND = "PUBLICATION_METADATA"


def with_publications(
    redeemables: Sequence[Redeemable], customer: Customer | None
) -> tuple[Redeemable, ...]:
    """Return the redeemables with the metadata of their latest publications.

    That is of the latest to ``customer``. One statement where a formula reads it,
    none otherwise.
    """
    asking = [each.id for each in redeemables if each.id and _reads(each)]
    if not asking or customer is None:
        return tuple(redeemables)
    links = Publication.vouchers.through.objects.filter(
        voucher_id__in=asking,
        publication__customer=customer,
        publication__result="SUCCESS",
    )
    rows = links.order_by("publication__created_at", "publication_id")
    latest: dict[str, Any] = dict(
        rows.values_list("voucher_id", "publication__metadata")
    )
    return tuple(
        replace(each, publication_metadata=latest.get(each.id or ""))
        for each in redeemables
    )


def _reads(redeemable: Redeemable) -> bool:
    return any(_OPERAND in text for text in _formulas(redeemable))


def _formulas(redeemable: Redeemable) -> Iterator[str]:
    if redeemable.discount is not None:
        yield from redeemable.discount.formulas.values()
        yield from (unit.unit_off_formula or "" for unit in redeemable.discount.units)
    for rule in redeemable.rules:
        for entry in rule.applicable_to.included if rule.applicable_to else ():
            definition = entry.definition.items()
            yield from (str(text) for name, text in definition if "_formula" in name)
