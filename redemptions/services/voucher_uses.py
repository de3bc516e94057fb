"""What moves on vouchers: uses, balances, and what sessions hold of both.

One conditional statement moves the rows of a request, in key order, and deletes and
adds the locks of sessions along with it. A voucher knows the sum of its locks; what
a request frees, its own or expired ones, it names by the locks it has read. Did
somebody change these meanwhile, fewer rows come back than asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.models import Voucher
from promo import ids, sql_arrays
from promo.errors import BadRequest
from promo.sql_pipeline import Asked
from promo.tenancy.models import Project

# Sub-selects hide how many there are: a plan made once serves any number.
_HELD = """
k AS MATERIALIZED (
  SELECT v.id, w.n, w.a, w.hn, w.ha, w.fn, w.fa FROM campaigns_voucher v
  JOIN unnest((SELECT %(ids)s::uuid[]), (SELECT %(times)s::bigint[]),
              (SELECT %(amounts)s::bigint[]), (SELECT %(held_times)s::bigint[]),
              (SELECT %(held_amounts)s::bigint[]), (SELECT %(freed_times)s::bigint[]),
              (SELECT %(freed_amounts)s::bigint[]))
       AS w (id, n, a, hn, ha, fn, fa) ON v.id = w.id
  ORDER BY v.id FOR NO KEY UPDATE OF v)
"""
_STATE = """
RETURNING v.id, v.redeemed_quantity, v.redeemed_amount, v.held_quantity,
          v.held_amount, v.credited_amount, v.subtracted_amount, v.balance
"""
_TAKE = """
UPDATE campaigns_voucher v
SET redeemed_quantity = v.redeemed_quantity + k.n,
    redeemed_amount = v.redeemed_amount + k.a,
    held_quantity = v.held_quantity + k.hn - k.fn,
    held_amount = v.held_amount + k.ha - k.fa,
    updated_at = CASE WHEN k.n > 0 THEN %(now)s ELSE v.updated_at END
FROM k WHERE v.id = k.id
AND v.held_quantity >= k.fn AND v.held_amount >= k.fa
AND (k.n + k.hn = 0 OR (
  v.active AND v.deleted_at IS NULL
  AND (v.redemption_quantity IS NULL OR
       v.redeemed_quantity + v.held_quantity - k.fn + k.n + k.hn
       <= v.redemption_quantity)
  AND v.balance - v.held_amount + k.fa >= k.a + k.ha))
"""
# The texts are put together from parts of this module. Locks move once all of ``k``
# is held: whoever touches a lock holds its voucher.
_CLAIM = f"WITH {_HELD} {_TAKE} {_STATE}"
_CLAIM_WITH_LOCKS = f"""
WITH {_HELD},
freed AS (
  DELETE FROM redemptions_sessionlock
  WHERE id = ANY(%(freed)s::uuid[]) AND (SELECT count(*) FROM k) > 0 RETURNING 1),
held AS (
  INSERT INTO redemptions_sessionlock AS l
    (id, project_id, key, voucher_id, quantity, amount, created_at, expires_at)
  SELECT w.id, %(project)s, %(key)s, w.v, w.n, w.a, %(now)s, %(expires_at)s
  FROM unnest(%(locks)s::uuid[], %(locked)s::uuid[], %(lock_times)s::bigint[],
              %(lock_amounts)s::bigint[]) AS w (id, v, n, a)
  WHERE (SELECT count(*) FROM k) > 0
  ON CONFLICT (project_id, key, voucher_id) DO UPDATE
  SET quantity = excluded.quantity, amount = excluded.amount,
      expires_at = excluded.expires_at
  WHERE l.id = excluded.id RETURNING 1),
moved AS ({_TAKE} {_STATE})
SELECT (SELECT count(*) FROM freed), (SELECT count(*) FROM held), moved.* FROM moved
"""  # noqa: S608
_GIVE_BACK = f"""
WITH {_HELD}
UPDATE campaigns_voucher v
SET redeemed_quantity = v.redeemed_quantity - k.n,
    redeemed_amount = v.redeemed_amount - k.a, updated_at = %(now)s
FROM k WHERE v.id = k.id
{_STATE}"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class VoucherUse:
    """What a request does to one voucher, or gives back of it.

    It is redeemed so many ``times`` for ``amount`` of its balance; a session holds
    ``held_times`` and ``held_amount`` from now on; locks of ``freed_times`` and
    ``freed_amount`` are deleted or replaced.
    """

    voucher_id: str
    amount: int = 0
    times: int = 1
    held_times: int = 0
    held_amount: int = 0
    freed_times: int = 0
    freed_amount: int = 0


@dataclass(frozen=True, slots=True)
class LockChanges:
    """The locks that a request deletes, and those its session holds from now on.

    ``held`` maps vouchers to the id of the lock: a new one, or that replaced.
    """

    project: Project
    freed: Sequence[UUID] = ()
    key: str = ""
    held: Mapping[str, UUID] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoucherState:
    """What a voucher has been used for and is held for, after a movement."""

    redeemed_quantity: int
    redeemed_amount: int
    held_quantity: int
    held_amount: int
    credited_amount: int
    subtracted_amount: int
    balance: int

    def put_on(self, voucher: Voucher, now: datetime) -> None:
        """Let a loaded row show what is true in the database by now."""
        for each in fields(self):
            setattr(voucher, each.name, getattr(self, each.name))
        voucher.updated_at = now


# The next try reads what is true by now and refuses with the reason, so more than a
# few mean trouble.
TRIES = 5


class ClaimLost(Exception):
    """Somebody else took the last one since the facts were read."""


def multiple_requests(details: str) -> BadRequest:
    """Build the refusal of who lost every try."""
    return BadRequest("multiple_requests", "Multiple requests detected", details)


class AskedVouchers:
    """A movement of vouchers that was sent to the database."""

    def __init__(
        self,
        uses: Sequence[VoucherUse],
        locks: LockChanges | None,
        asked: Asked | None,
    ) -> None:
        self._uses = uses
        self._locks = locks
        self._asked = asked

    def states(self) -> dict[str, VoucherState]:
        """Return what came of it, by voucher; rows of others are missing."""
        rows = self._asked.rows() if self._asked else ()
        if self._locks is not None and rows:
            wanted = len(self._locks.freed), len(self._locks.held or ())
            if tuple(rows[0][:2]) != wanted:
                raise ClaimLost
            rows = [row[2:] for row in rows]
        return {ids.show("v_", key): VoucherState(*state) for key, *state in rows}

    def all_states(self) -> dict[str, VoucherState]:
        """Return what came of it, by voucher.

        Raises:
            ClaimLost: not all of it could be had.
        """
        found = self.states()
        if len(found) != len(self._uses):
            raise ClaimLost
        return found


def ask_to_take(
    uses: Sequence[VoucherUse], locks: LockChanges | None, now: datetime
) -> AskedVouchers:
    """Send a claim; each voucher is named once, limits hold for each."""
    if not uses:
        return AskedVouchers((), None, None)
    arguments = _arguments(uses, now)
    if locks is None:
        return AskedVouchers(uses, None, Asked(_CLAIM, arguments))
    arguments |= _lock_arguments(uses, locks)
    return AskedVouchers(uses, locks, Asked(_CLAIM_WITH_LOCKS, arguments))


def ask_to_give_back(uses: Sequence[VoucherUse], now: datetime) -> AskedVouchers:
    """Send a return of uses and of what they took."""
    if not uses:
        return AskedVouchers((), None, None)
    return AskedVouchers(uses, None, Asked(_GIVE_BACK, _arguments(uses, now)))


def _arguments(uses: Sequence[VoucherUse], now: datetime) -> dict[str, Any]:
    return {
        "ids": sql_arrays.uuids(ids.parse("v_", use.voucher_id) for use in uses),
        "times": sql_arrays.integers(use.times for use in uses),
        "amounts": sql_arrays.integers(use.amount for use in uses),
        "held_times": sql_arrays.integers(use.held_times for use in uses),
        "held_amounts": sql_arrays.integers(use.held_amount for use in uses),
        "freed_times": sql_arrays.integers(use.freed_times for use in uses),
        "freed_amounts": sql_arrays.integers(use.freed_amount for use in uses),
        "now": now,
    }


def _lock_arguments(uses: Sequence[VoucherUse], locks: LockChanges) -> dict[str, Any]:
    held = locks.held or {}
    holding = [use for use in uses if use.voucher_id in held]
    vouchers = (ids.parse("v_", use.voucher_id) for use in holding)
    return {
        "project": ids.parse("proj_", locks.project.pk),
        "key": locks.key,
        "expires_at": locks.expires_at,
        "freed": sql_arrays.uuids(locks.freed),
        "locks": sql_arrays.uuids(held[use.voucher_id] for use in holding),
        "locked": sql_arrays.uuids(vouchers),
        "lock_times": sql_arrays.integers(use.held_times for use in holding),
        "lock_amounts": sql_arrays.integers(use.held_amount for use in holding),
    }
