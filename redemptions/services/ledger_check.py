"""Proof that ledger and locks explain what vouchers say of themselves.

Source: campaigns specification, "Balance and ledger".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import BigIntegerField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from campaigns.models import Voucher, VoucherType
from redemptions.models import LedgerEntry, SessionLock


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


@dataclass(frozen=True, slots=True)
class UnexplainedHold:
    """A voucher that is held for other sums than its locks come to."""

    voucher_id: str
    held: tuple[int, int]
    by_locks: tuple[int, int]


def unexplained_holds() -> Iterator[UnexplainedHold]:
    """Find vouchers whose held sums are not those of their sessions' locks.

    One statement over all projects; rows stream from the database.
    """
    locks = SessionLock.objects.filter(voucher=OuterRef("pk")).order_by()

    def sum_of(name: str) -> Coalesce:
        summed = locks.values("voucher").annotate(sum=Sum(name)).values("sum")
        return Coalesce(Subquery(summed), Value(0), output_field=BigIntegerField())

    vouchers = (
        Voucher.objects.annotate(times=sum_of("quantity"), amount=sum_of("amount"))
        .exclude(times=F("held_quantity"), amount=F("held_amount"))
        .order_by("pk")
        .values_list("pk", "held_quantity", "held_amount", "times", "amount")
    )
    for voucher_id, held, held_amount, times, amount in vouchers.iterator():
        yield UnexplainedHold(voucher_id, (held, held_amount), (times, amount))
