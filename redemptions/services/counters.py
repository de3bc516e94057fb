"""Counters behind limits: read, seeded, claimed and given back.

A redemption keeps with itself what it counts towards (``Redemption.claims``). A row of
``Counter`` is the sum of these, kept so that a limit can be held against it: it comes
into being the first time that a limit needs it, and moves with every redemption from
then on, whatever the rules say later. What no limit has asked for costs nothing.

For this to be right while others redeem, everybody who counts takes a shared lock on
what it counts for, and whoever adds up a new row an exclusive one: it then sees all
that was counted before, and everybody after it sees the row. Locks are taken in key
order, before any counter (ADR 0013).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from promo import ids, sql_arrays
from promo.sql_pipeline import Asked
from promo.tenancy.models import Project
from redemptions.engine.claims import CounterClaim
from redemptions.engine.counters import CounterKey
from redemptions.models.counter import WINDOW

# A sub-select hides how many there are: a plan made once serves any number.
_WANTED = """
unnest((SELECT %(shown)s::text[]), (SELECT %(subjects)s::uuid[]),
       (SELECT %(buckets)s::text[]), (SELECT %(kinds)s::text[]),
       (SELECT %(whose)s::uuid[]), (SELECT %(sinces)s::timestamptz[]))
WITH ORDINALITY AS k (shown, subject, bucket, kind, whose, since, position)
"""
_SUM = """
promo_counted(%(project)s, k.shown, k.subject, k.bucket, k.kind, k.whose, k.since)
"""
_READ = f"""
SELECT k.position, c.used, CASE WHEN c.used IS NULL THEN {_SUM} END
FROM {_WANTED}
LEFT JOIN redemptions_counter c
  ON c.project_id = %(project)s AND c.subject = k.subject AND c.bucket = k.bucket
"""  # noqa: S608 - put together from names of our own
_SEED = f"""
INSERT INTO redemptions_counter (project_id, subject, bucket, used)
SELECT %(project)s, k.subject, k.bucket, {_SUM} FROM {_WANTED}
ORDER BY k.subject, k.bucket
ON CONFLICT (project_id, subject, bucket) DO NOTHING
RETURNING 1
"""  # noqa: S608 - as above
_LOCK = """
SELECT CASE WHEN k.exclusive THEN pg_advisory_xact_lock(k.lock)
            ELSE pg_advisory_xact_lock_shared(k.lock) END
FROM unnest(%(locks)s::bigint[], %(exclusive)s::boolean[]) AS k (lock, exclusive)
"""
_HELD = """
WITH k AS MATERIALIZED (
  SELECT c.id, w.n, w.l FROM redemptions_counter c
  JOIN unnest((SELECT %(subjects)s::uuid[]), (SELECT %(buckets)s::text[]),
              (SELECT %(amounts)s::bigint[]), (SELECT %(limits)s::bigint[]))
       AS w (s, b, n, l)
    ON c.project_id = %(project)s AND c.subject = w.s AND c.bucket = w.b
  ORDER BY c.subject, c.bucket FOR NO KEY UPDATE OF c)
UPDATE redemptions_counter c
"""
_CLAIM = f"""{_HELD}
SET used = c.used + k.n, ceiling = k.l
FROM k WHERE c.id = k.id AND (k.l IS NULL OR c.used + k.n <= k.l)
RETURNING k.l IS NOT NULL
"""
_RETURN = f"""{_HELD}
SET used = c.used - k.n FROM k WHERE c.id = k.id
RETURNING false
"""
_CUSTOMER = ":customer:"
# Ids and digests, which may begin alike, are no windows.
_WINDOW = re.compile(WINDOW)
# A window's first day is named in the project's zone; UTC is at most a day away.
_MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """Counters as read: what they stand at, and which have no row yet."""

    used: Mapping[CounterKey, int]
    missing: frozenset[CounterKey] = frozenset()


def read_counters(project: Project, keys: Collection[CounterKey]) -> Counted:
    """Return what counters stand at, adding up those that have no row, unlocked."""
    ordered = sorted(keys)
    if not ordered:
        return Counted({})
    used, missing = {}, set()
    for position, stands, summed in Asked(_READ, _wanted(project, ordered)).rows():
        key = ordered[position - 1]
        used[key] = summed if stands is None else stands
        if stands is None:
            missing.add(key)
    return Counted(used, frozenset(missing))


class CounterClaims:
    """Claims on counters on their way: ask inside a pipeline, then look at them.

    ``missing`` are the counters that had no row when they were read. Claims with a
    limit make theirs; one without a limit moves a row only where there is one.
    """

    def __init__(
        self,
        project: Project,
        claims: Sequence[CounterClaim],
        missing: Collection[CounterKey] = (),
    ) -> None:
        self._claims = [claim for claim in claims if claim.amount]
        self._project = project
        self._new = [
            key
            for claim in self._claims
            if claim.limit is not None and (key := _key(claim)) in missing
        ]
        self._asked: Asked | None = None

    def ask(self) -> None:
        """Send what takes the claims."""
        self._send(_CLAIM)

    def ask_back(self) -> None:
        """Send what gives the claims back."""
        self._send(_RETURN)

    def all_taken(self) -> bool:
        """Say whether every counter with a limit has moved."""
        rows = self._asked.rows() if self._asked else ()
        limited = sum(claim.limit is not None for claim in self._claims)
        return len([row for row in rows if row[0]]) == limited

    def _send(self, sql: str) -> None:
        if not self._claims:
            return
        Asked(_LOCK, _locks(self._claims, self._new))
        if self._new:
            Asked(_SEED, _wanted(self._project, self._new))
        arguments = {
            "project": ids.parse("proj_", self._project.pk),
            "subjects": sql_arrays.uuids(_uuid(one.subject_id) for one in self._claims),
            "buckets": sql_arrays.texts(one.bucket for one in self._claims),
            "amounts": sql_arrays.integers(one.amount for one in self._claims),
            "limits": sql_arrays.integers(one.limit for one in self._claims),
        }
        self._asked = Asked(sql, arguments)


def _key(claim: CounterClaim) -> CounterKey:
    return claim.subject_id, claim.bucket


def _wanted(project: Project, keys: Sequence[CounterKey]) -> dict[str, Any]:
    """Return the arguments that say which counters to add up, and from which rows."""
    whose = [_whose(key) for key in keys]
    return {
        "project": ids.parse("proj_", project.pk),
        "shown": sql_arrays.texts(subject for subject, _ in keys),
        "subjects": sql_arrays.uuids(_uuid(subject) for subject, _ in keys),
        "buckets": sql_arrays.texts(bucket for _, bucket in keys),
        "kinds": sql_arrays.texts(prefix for prefix, _ in whose),
        "whose": sql_arrays.uuids(key for _, key in whose),
        "sinces": sql_arrays.texts(_since(bucket) for _, bucket in keys),
    }


def _whose(key: CounterKey) -> tuple[str, UUID]:
    """Return whose redemptions may count: the customer's, else the subject's."""
    subject, bucket = key
    if _CUSTOMER in bucket:
        return "cust_", _customer(bucket)
    return subject[: subject.rindex("_") + 1], _uuid(subject)


def _customer(bucket: str) -> UUID:
    return UUID(hex=bucket.split(_CUSTOMER)[1].split(":", maxsplit=1)[0])


def _since(bucket: str) -> str:
    """Return a moment before the window of ``bucket``, as PostgreSQL reads it."""
    window = _WINDOW.search(bucket)
    if window is None:
        return "-infinity"
    first = datetime.fromisoformat(window[0].lstrip(":dwm")).replace(tzinfo=UTC)
    return (first - _MARGIN).isoformat()


def _locks(claims: Iterable[CounterClaim], new: Iterable[CounterKey]) -> dict[str, str]:
    """Return what to lock, sorted: what is counted for, and for which customer."""
    keys = [_key(claim) for claim in claims]
    locks = {_number(_uuid(subject)): False for subject, _ in keys}
    locks |= {
        _number(_customer(bucket)): False for _, bucket in keys if _CUSTOMER in bucket
    }
    locks |= {_number(_whose(key)[1]): True for key in new}
    numbers = sorted(locks)
    flags = ",".join("t" if locks[number] else "f" for number in numbers)
    return {"locks": sql_arrays.integers(numbers), "exclusive": "{" + flags + "}"}


def _number(key: UUID) -> int:
    """Return the random half of an id as the number of an advisory lock."""
    return int.from_bytes(key.bytes[8:], signed=True)


def _uuid(shown: str) -> UUID:
    return ids.parse_shown(shown)
