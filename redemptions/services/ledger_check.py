"""Proof that the ledger explains every balance.

Source: campaigns specification, "Balance and ledger".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from campaigns.models import Voucher, VoucherType
from redemptions.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A card whose entries do not come to its balance, minor units or points."""

    voucher_id: str
    balance: int
    by_ledger: int


def unexplained_balances() -> Iterator[Unexplained]:
    """Find cards whose balance is not what they started with plus their entries.

    One statement over all projects; rows stream from the database.
    """
    entries = LedgerEntry.objects.filter(voucher=OuterRef("pk")).order_by()
    moved = entries.values("voucher").annotate(sum=Sum("amount")).values("sum")
    cards = (
        Voucher.objects.exclude(type=VoucherType.DISCOUNT_VOUCHER)
        .annotate(by_ledger=F("initial_balance") + Coalesce(Subquery(moved), Value(0)))
        .exclude(by_ledger=F("balance"))
        .order_by("pk")
    )
    for voucher_id, balance, by_ledger in cards.values_list(
        "pk", "balance", "by_ledger"
    ).iterator():
        yield Unexplained(voucher_id, balance, by_ledger)
