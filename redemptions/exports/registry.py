"""Every kind of rows that can be exported; one more is one more entry."""

from collections.abc import Collection, Mapping

from promo.errors import InvalidPayload
from redemptions.exports import (
    attempts,
    calls,
    customers,
    goods,
    orders,
    publications,
    transactions,
    vouchers,
)
from redemptions.exports.catalogue import Catalogue

CATALOGUES: Mapping[str, Catalogue] = {
    each.name: each
    for each in (
        vouchers.CATALOGUE,
        attempts.CATALOGUE,
        customers.CATALOGUE,
        publications.CATALOGUE,
        orders.CATALOGUE,
        transactions.EXPIRATIONS,
        transactions.CATALOGUE,
        goods.PRODUCTS,
        goods.SKUS,
        calls.CATALOGUE,
    )
}
#: The kinds whose files may say something about a person.
PERSONAL = frozenset(name for name, each in CATALOGUES.items() if each.is_personal)


def catalogue_of(exported_object: str) -> Catalogue:
    """Return what a kind of rows offers.

    Raises:
        InvalidPayload: there is no such kind.
    """
    found = CATALOGUES.get(exported_object)
    if found is None:
        allowed = ", ".join(CATALOGUES)
        raise InvalidPayload(
            "Property .exported_object should be equal to one of the allowed values "
            f"[ {allowed} ]"
        )
    return found


def readable_kinds(permissions: Collection[str]) -> list[str]:
    """Return the kinds of rows that whoever has these permissions may read."""
    return [each.name for each in CATALOGUES.values() if each.permission in permissions]
