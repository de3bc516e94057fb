"""The calendar of campaigns: a page, moving drafts in it, and the feed."""

from datetime import date, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from campaigns.models.draft import DRAFT_PREFIX
from campaigns.services.draft_move import move_draft
from promo.admin.commands import tell
from promo.admin.forms import in_words
from promo.admin.visit import Visit, project_of, visit
from promo.calendar_windows import add_months, first_of_week
from promo.clock import utc_now
from promo.errors import PromoError
from promo.ids import parse_or_none
from redemptions.campaign_calendar.feed import as_ical
from redemptions.campaign_calendar.plan import Window, plan_of
from redemptions.services.calendar_feed import drop_feed, make_feed, project_of_feed

_WEEKS = 13
_SPANS = {"month": "Month", "weeks": "13 weeks"}
_LONGEST_MOVE = 5


def calendar(request: HttpRequest) -> HttpResponseBase:
    """Show the campaigns and drafts of a month, or of thirteen weeks."""
    return _page(request, _allowed(request))


@require_POST
def move(request: HttpRequest, draft_id: str) -> HttpResponseBase:
    """Move a draft by the days that were sent."""
    seen = _allowed(request)
    if not seen.may("campaigns.create"):
        raise PermissionDenied
    is_id = parse_or_none(DRAFT_PREFIX, draft_id) is not None
    drafts = project_of(request).campaign_drafts.filter(is_template=False)
    draft = drafts.filter(pk=draft_id).first() if is_id else None
    if draft is None:
        msg = "No such draft"
        raise Http404(msg)
    typed = request.POST.get("days", "")
    days = int(typed) if _is_whole(typed) else 0
    try:
        if days:
            move_draft(draft, days=days, now=seen.now)
            far = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
            later = "later" if days > 0 else "earlier"
            tell(request, f"{draft} starts {far} {later}.")
    except PromoError as refused:
        messages.error(request, in_words(refused))
    query = request.GET.urlencode()
    return HttpResponseRedirect(f"{reverse('campaign-calendar')}?{query}")


@require_POST
def address(request: HttpRequest) -> HttpResponseBase:
    """Make a new secret address of the feed and show it once, or drop it."""
    seen = _allowed(request)
    if seen.user is None:
        raise PermissionDenied
    if request.POST.get("do") == "drop":
        drop_feed(project_of(request), seen.user)
        tell(request, "The address of your calendar has stopped working.")
        return HttpResponseRedirect(reverse("campaign-calendar"))
    token = make_feed(project_of(request), seen.user, now=seen.now)
    shown = request.build_absolute_uri(reverse("calendar-feed", args=(token,)))
    response = _page(request, seen, address=shown)
    response["Cache-Control"] = "no-store"
    return response


def feed(request: HttpRequest, feed_token: str) -> HttpResponseBase:
    """Send the calendar behind a secret address; without a session."""
    project = project_of_feed(feed_token)
    if project is None:
        msg = "No such calendar"
        raise Http404(msg)
    response = HttpResponse(
        as_ical(project, now=utc_now()), content_type="text/calendar; charset=utf-8"
    )
    response["Cache-Control"] = "private, max-age=900"
    return response


def _page(request: HttpRequest, seen: Visit, **more: Any) -> HttpResponse:
    project = project_of(request)
    span = request.GET.get("span", "")
    span = span if span in _SPANS else "month"
    today = project.calendar(seen.now).today
    first = _first(request.GET.get("from", ""), today, span, project.week_starts_on)
    before, after = _steps(first, span)
    window = Window(first, after - timedelta(1), project.zone)
    has_today = window.first <= today <= window.last
    days = [
        {
            "day": day,
            "left": window.share(Window(day, day, project.zone).start),
            "is_first": day.day == 1,
        }
        for day in window.days
        if span == "month" or (day - first).days % 7 == 0
    ]
    context = {
        **admin.site.each_context(request),
        "title": "Calendar",
        "groups": plan_of(project, window),
        "window": window,
        "days": days,
        "today_at": window.share(localtime(seen.now)) if has_today else None,
        "clock_changes": [
            {"day": day, "left": window.share(Window(day, day, project.zone).start)}
            for day in window.clock_changes
        ],
        "day_count": len(window.days),
        "span": span,
        "spans": _SPANS,
        "before": f"?span={span}&from={before}",
        "after": f"?span={span}&from={after}",
        "query": f"span={span}&from={first}",
        "may_move": seen.may("campaigns.create"),
        **more,
    }
    return TemplateResponse(request, "admin/campaign_calendar.html", context)


def _first(typed: str, today: date, span: str, week_starts_on: int) -> date:
    """Return the first day to show; far from any real one it is today's."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = today
    if abs(day.year - today.year) > _LONGEST_MOVE:
        day = today
    if span == "month":
        return day.replace(day=1)
    return first_of_week(day, week_starts_on)


def _steps(first: date, span: str) -> tuple[date, date]:
    """Return where the windows before and after begin."""
    if span == "month":
        return add_months(first, -1), add_months(first, 1)
    return first - timedelta(weeks=_WEEKS), first + timedelta(weeks=_WEEKS)


def _is_whole(typed: str) -> bool:
    plain = typed.removeprefix("-")
    return plain.isascii() and plain.isdigit() and len(plain) <= _LONGEST_MOVE


def _allowed(request: HttpRequest) -> Visit:
    seen = visit(request)
    if seen.project is None or not seen.may("campaigns.read"):
        raise PermissionDenied
    return seen
