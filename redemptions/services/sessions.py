"""Validation sessions: what they hold, what a request frees, and sweeping them.

Source: engine specification, "Sessions".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from campaigns.models import Voucher
from campaigns.services.voucher import lock_voucher
from promo import ids, sql_arrays
from promo.errors import ResourceNotFound
from promo.sql_pipeline import Asked
from promo.tenancy.models import Project
from redemptions.engine.sessions import Session
from redemptions.services.voucher_uses import LockChanges, VoucherUse

# Sums and locks come from one snapshot, so that what is left belongs to others.
_LOCKS = """
SELECT v.id, v.held_quantity, v.held_amount, l.id, l.key = %(key)s,
       l.quantity, l.amount
FROM campaigns_voucher v
LEFT JOIN redemptions_sessionlock l
  ON l.voucher_id = v.id AND (l.expires_at <= %(now)s OR l.key = %(key)s)
WHERE v.project_id = %(project)s AND (v.id = ANY(%(vouchers)s::uuid[]) OR v.id IN (
  SELECT voucher_id FROM redemptions_sessionlock
  WHERE project_id = %(project)s AND key = %(key)s))
"""
_SWEEP = """
WITH k AS MATERIALIZED (
  SELECT id FROM campaigns_voucher WHERE id IN (
    SELECT voucher_id FROM redemptions_sessionlock
    WHERE expires_at <= %(now)s LIMIT %(most)s)
  ORDER BY id FOR NO KEY UPDATE),
gone AS (
  DELETE FROM redemptions_sessionlock l USING k
  WHERE l.voucher_id = k.id AND l.expires_at <= %(now)s
  RETURNING l.voucher_id, l.quantity, l.amount),
sums AS (
  SELECT voucher_id, sum(quantity) AS n, sum(amount) AS a FROM gone GROUP BY 1)
UPDATE campaigns_voucher v
SET held_quantity = v.held_quantity - sums.n, held_amount = v.held_amount - sums.a
FROM sums WHERE v.id = sums.voucher_id
"""
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock that a request may free: its own, or one that has expired."""

    id: UUID
    voucher_id: str
    own: bool
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Locks:
    """What was found: locks to free, and by voucher what others hold of it.

    What others hold is redemptions, and minor units or points.
    """

    free: Sequence[Lock] = ()
    others: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def ask_locks(
    project: Project,
    vouchers: Iterable[Voucher],
    session: Session | None,
    now: datetime,
) -> Asked | None:
    """Ask for the locks on ``vouchers`` and those of the session, when there are any.

    A voucher says itself whether it is held at all; only then somebody asks.
    """
    known = list(vouchers)
    if session is None and not any(each.held_quantity for each in known):
        return None
    arguments = {
        "project": ids.parse("proj_", project.pk),
        "vouchers": sql_arrays.uuids(ids.parse("v_", each.pk) for each in known),
        "key": session.key if session else "",
        "now": now,
    }
    return Asked(_LOCKS, arguments)


def locks_found(asked: Asked | None) -> Locks:
    """Return what ``ask_locks`` asked for."""
    if asked is None:
        return Locks()
    free: list[Lock] = []
    others: dict[str, tuple[int, int]] = {}
    for voucher, held, held_amount, lock, own, quantity, amount in asked.rows():
        name = ids.show("v_", voucher)
        left, left_amount = others.get(name, (held, held_amount))
        if lock is not None:
            free.append(Lock(lock, name, own, quantity, amount))
            left, left_amount = left - quantity, left_amount - amount
        others[name] = (left, left_amount)
    return Locks(free, others)


def freeing(
    project: Project, uses: Sequence[VoucherUse], locks: Locks
) -> tuple[list[VoucherUse], LockChanges | None]:
    """Return ``uses`` that free the session's locks and expired ones on their way."""
    used = {use.voucher_id for use in uses}
    freed = [each for each in locks.free if each.own or each.voucher_id in used]
    if not freed:
        return list(uses), None
    elsewhere = dict.fromkeys(
        each.voucher_id for each in freed if each.voucher_id not in used
    )
    together = [*uses, *(VoucherUse(each, times=0) for each in elsewhere)]
    return (
        [_freeing(use, freed) for use in together],
        LockChanges(project, [each.id for each in freed]),
    )


def holding(
    project: Project,
    session: Session,
    amounts: Mapping[str, int],
    locks: Locks,
    now: datetime,
) -> tuple[list[VoucherUse], LockChanges]:
    """Return the uses that let the session hold each voucher with that amount.

    What it held before is replaced.
    """
    uses = [
        VoucherUse(voucher, times=0, held_times=1, held_amount=amount)
        for voucher, amount in amounts.items()
    ]
    uses, changes = freeing(project, uses, locks)
    kept = {each.voucher_id: each.id for each in locks.free if each.own}
    held = {voucher: kept.get(voucher) or ids.new_uuid() for voucher in amounts}
    replaced = set(held.values())
    known = changes.freed if changes else ()
    freed = [each for each in known if each not in replaced]
    return uses, LockChanges(project, freed, session.key, held, session.expires_at(now))


def _freeing(use: VoucherUse, freed: Sequence[Lock]) -> VoucherUse:
    own = [each for each in freed if each.voucher_id == use.voucher_id]
    return replace(
        use,
        freed_times=sum(each.quantity for each in own),
        freed_amount=sum(each.amount for each in own),
    )


@transaction.atomic
def release_session(voucher: Voucher, *, key: str, now: datetime) -> None:
    """Free what the session ``key`` holds of ``voucher``.

    Raises:
        ResourceNotFound: the voucher is deleted, or no such session holds it.
    """
    held = lock_voucher(voucher)
    locks = held.project.session_locks.filter(voucher=held, key=key)
    lock = locks.standing_at(now).first()
    if lock is None:
        raise ResourceNotFound("session", key)
    lock.delete()
    Voucher.objects.filter(pk=held.pk).update(
        held_quantity=F("held_quantity") - lock.quantity,
        held_amount=F("held_amount") - lock.amount,
    )


def sweep_sessions(now: datetime) -> int:
    """Delete a batch of expired locks of all projects; return how many vouchers."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, {"now": now, "most": _BATCH})
        return int(cursor.rowcount)
