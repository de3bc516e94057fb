"""One page of what a qualification found, and where the next one begins.

Source: engine specification, "Qualification, Options".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from promo.clock import isoformat
from redemptions.engine.decision import Entry
from redemptions.engine.facts import Redeemable

Age = tuple[datetime, str]
_MILLISECOND = timedelta(milliseconds=1)
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Cursor:
    """The entry to continue after: the moment it was created, in milliseconds.

    Where several share that moment, ``seen`` says how many of them have been shown;
    0 stands for all of them. It travels as the microseconds of the timestamp.
    """

    moment: datetime
    seen: int = 0

    @classmethod
    def at(cls, sent: datetime) -> "Cursor":
        """Return the cursor that a timestamp stands for."""
        return cls(_in_milliseconds(sent), sent.microsecond % _THOUSAND)

    @property
    def bound(self) -> datetime:
        """The moment before which everything behind the cursor was created."""
        return self.moment + _MILLISECOND

    def __str__(self) -> str:
        shown = isoformat(self.moment)
        if not 0 < self.seen < _THOUSAND:
            return shown
        return f"{shown.removesuffix('Z')}{self.seen:03d}Z"


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries; ``next`` is where to go on, None on the last page."""

    entries: Sequence[Entry] = ()
    next: Cursor | None = None


def newest_page(
    entries: Iterable[Entry],
    limit: int,
    cursor: Cursor | None,
    horizon: Age | None = None,
) -> Page | None:
    """Return a page of ``entries``, which come newest first and no more than needed.

    What is not newer than ``horizon`` does not count, for others may be missing
    there: None when the page cannot be filled without.
    """
    known = entries
    if horizon is not None:
        known = (each for each in entries if age_of(each.redeemable) > horizon)
    behind = known if cursor is None else _behind(known, cursor)
    found = list(islice(behind, limit + 1))
    if len(found) <= limit:
        return Page(found) if horizon is None else None
    page, following = found[:limit], found[limit]
    last = _shown(page[-1])
    if _shown(following) != last:
        return Page(page, Cursor(last))
    seen = sum(_shown(each) == last for each in page)
    if cursor is not None and cursor.moment == last:
        seen += cursor.seen
    return Page(page, Cursor(last, seen))


def ranked_page(
    entries: Sequence[Entry], limit: int, cursor: Cursor | None, *, best_first: bool
) -> Page:
    """Return a page of all ``entries`` by what they take off; ties break by id."""
    ranked = sorted(entries, key=_name)
    ranked.sort(key=_given, reverse=best_first)
    start = 0 if cursor is None else _position(ranked, cursor)
    page = ranked[start : start + limit]
    if len(ranked) <= start + limit:
        return Page(page)
    last = _shown(page[-1])
    before = sum(_shown(each) == last for each in ranked[: start + limit])
    shared = any(_shown(each) == last for each in ranked[start + limit :])
    return Page(page, Cursor(last, before if shared else 0))


def _behind(entries: Iterable[Entry], cursor: Cursor) -> Iterator[Entry]:
    same = 0
    for each in entries:
        shown = _shown(each)
        same += shown == cursor.moment
        is_seen = shown == cursor.moment and (not cursor.seen or same <= cursor.seen)
        if shown <= cursor.moment and not is_seen:
            yield each


def _position(ranked: Sequence[Entry], cursor: Cursor) -> int:
    """Return where the cursor's entry ends; the start where it is gone."""
    same = [at for at, each in enumerate(ranked) if _shown(each) == cursor.moment]
    if not same:
        return 0
    count = min(cursor.seen or len(same), len(same))
    return same[count - 1] + 1


def age_of(redeemable: Redeemable) -> Age:
    """Return the moment of creation and the id: the larger, the newer."""
    created_at: Any = redeemable.created_at
    return created_at, redeemable.id or ""


def _name(entry: Entry) -> str:
    return entry.redeemable.id or ""


def _given(entry: Entry) -> int:
    return entry.taken.amount


def _shown(entry: Entry) -> datetime:
    return _in_milliseconds(age_of(entry.redeemable)[0])


def _in_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // _THOUSAND * _THOUSAND)
