"""When campaigns and drafts run, as bars in a window of days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Q

from campaigns.models import CampaignDraft
from promo.tenancy.models import Project

#: Rows on one page.
_MOST = 300
_MOST_DRAFTS = 100
_NO_CATEGORY = "Without a category"
_DRAFTS = "Drafts"


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days of a zone, ``first`` to ``last``, both included."""

    first: date
    last: date
    zone: tzinfo

    @property
    def days(self) -> list[date]:
        """Each day, in order."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(each) for each in range(count)]

    @property
    def start(self) -> datetime:
        """When the first day begins."""
        return datetime.combine(self.first, time.min, self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """When the last day has ended."""
        after = self.last + timedelta(1)
        return datetime.combine(after, time.min, self.zone).astimezone(UTC)

    def share(self, moment: datetime) -> float:
        """Return how far into the window a moment is, 0 to 100."""
        whole = (self.end - self.start).total_seconds()
        part = (moment - self.start).total_seconds()
        return round(max(0.0, min(100.0, 100 * part / whole)), 3)

    @property
    def clock_changes(self) -> list[date]:
        """The days on which the clock is put forward or back."""
        found = []
        for day in self.days:
            here = datetime.combine(day, time.min, self.zone)
            after = datetime.combine(day + timedelta(1), time.min, self.zone)
            if here.utcoffset() != after.utcoffset():
                found.append(day)
        return found


@dataclass(slots=True)
class Bar:
    """One campaign or draft: when it runs, where its bar is, what it overlaps.

    ``start`` and ``end`` are None for no limit. ``left`` and ``width`` are percents.
    """

    id: str
    name: str
    category: str
    start: datetime | None
    end: datetime | None
    active: bool
    is_draft: bool = False
    left: float = 0
    width: float = 0
    overlaps: list[str] = field(default_factory=list)


def plan_of(project: Project, window: Window) -> dict[str, list[Bar]]:
    """Return the bars of a window by category, drafts last; two statements.

    Campaigns of one category that are active and run at the same time overlap, and so
    do drafts with any campaign: nobody has said their category for good.
    """
    bars = [*_campaigns(project, window), *_drafts(project, window)]
    for bar in bars:
        left = window.share(bar.start) if bar.start else 0.0
        right = window.share(bar.end) if bar.end else 100.0
        bar.left, bar.width = left, max(round(right - left, 3), 0.5)
    _mark_overlaps(bars)
    groups: dict[str, list[Bar]] = {}
    for bar in bars:
        groups.setdefault(bar.category, []).append(bar)
    return groups


def _campaigns(project: Project, window: Window) -> Iterable[Bar]:
    rows = project.campaigns.alive().filter(
        Q(start_date=None) | Q(start_date__lt=window.end),
        Q(expiration_date=None) | Q(expiration_date__gt=window.start),
    )
    known = rows.select_related("category").order_by(
        "category__hierarchy", "category__name", "start_date", "name"
    )
    for one in known[:_MOST]:
        yield Bar(
            id=one.pk,
            name=one.name,
            category=one.category.name if one.category else _NO_CATEGORY,
            start=one.start_date,
            end=one.expiration_date,
            active=one.active,
        )


def _drafts(project: Project, window: Window) -> Iterable[Bar]:
    for draft in project.campaign_drafts.filter(is_template=False)[:_MOST_DRAFTS]:
        start, end = dates_of(draft, window.zone)
        begins_late = start is not None and start >= window.end
        if start is None or begins_late or (end is not None and end <= window.start):
            continue
        yield Bar(
            id=draft.pk,
            name=draft.name or "Without a name",
            category=_DRAFTS,
            start=start,
            end=end,
            active=False,
            is_draft=True,
        )


def dates_of(
    draft: CampaignDraft, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """Return when a draft is to start and end, as far as it says so rightly."""
    fields = draft.payload.get("fields") or {}
    start = _typed(fields, "start_date", time.min, zone)
    return start, _typed(fields, "expiration_date", time.max, zone)


def _typed(fields: Any, name: str, usual: time, zone: tzinfo) -> datetime | None:
    day, clock = (str((fields.get(f"{name}_{part}") or [""])[0]) for part in (0, 1))
    try:
        at = time.fromisoformat(clock) if clock else usual
        return datetime.combine(date.fromisoformat(day), at.replace(tzinfo=None), zone)
    except ValueError:
        return None


def _mark_overlaps(bars: Sequence[Bar]) -> None:
    for place, one in enumerate(bars):
        for other in bars[place + 1 :]:
            related = one.category == other.category or other.is_draft
            live = (one.active or one.is_draft) and (other.active or other.is_draft)
            if related and live and _meet(one, other):
                one.overlaps.append(other.name)
                other.overlaps.append(one.name)


def _meet(one: Bar, other: Bar) -> bool:
    first = one.end is None or other.start is None or other.start < one.end
    return first and (other.end is None or one.start is None or one.start < other.end)
