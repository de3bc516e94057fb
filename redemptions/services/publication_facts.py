"""What publications and holders say, read only where a formula or rule asks for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from campaigns.models import Holder, HolderRole, Publication
from customers.models import Customer
from redemptions.engine.facts import Redeemable

_OPERAND = "PUBLICATION_METADATA"
_OF_HOLDERS = "publication.redeemable_by_linked_customer"


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


def with_referees(
    redeemables: Sequence[Redeemable], customer: Customer | None
) -> tuple[Redeemable, ...]:
    """Return the redeemables, saying which referral codes ``customer`` was given.

    One statement where a rule of such a code asks for its holders, none otherwise.
    """
    asking = [each.id for each in redeemables if each.is_referral_code and _asks(each)]
    if not asking or customer is None:
        return tuple(redeemables)
    held = Holder.objects.filter(
        voucher__in=asking, customer=customer, role=HolderRole.REFEREE
    )
    given = set(held.values_list("voucher_id", flat=True))
    return tuple(
        replace(each, held_by_referee=each.id in given) for each in redeemables
    )


def _asks(redeemable: Redeemable) -> bool:
    return any(
        rule.name == _OF_HOLDERS
        for each in redeemable.rules
        for rule in each.rules.read_deeply
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
