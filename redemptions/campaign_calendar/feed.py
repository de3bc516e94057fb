"""The calendar as an iCal file, which calendars of people subscribe to."""

from datetime import datetime, timedelta

from django.db.models import Q
from icalendar import Calendar, Event

from promo.tenancy.models import Project

_BEFORE = timedelta(days=90)
_AFTER = timedelta(days=400)
_MOST = 1_000


def as_ical(project: Project, *, now: datetime) -> bytes:
    """Return the dated campaigns of the last 90 and the next 400 days.

    What has no end shows on the day it starts.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Promo//Campaigns//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{project.name}: campaigns")
    rows = project.campaigns.alive().filter(
        Q(expiration_date=None) | Q(expiration_date__gt=now - _BEFORE),
        start_date__lt=now + _AFTER,
    )
    for one in rows.select_related("category").order_by("start_date", "pk")[:_MOST]:
        event = Event()
        event.add("uid", f"{one.pk}@promo")
        event.add("dtstamp", one.updated_at or one.created_at)
        event.add("dtstart", one.start_date)
        if one.expiration_date:
            event.add("dtend", one.expiration_date)
        event.add("summary", one.name if one.active else f"{one.name} (disabled)")
        if one.description:
            event.add("description", one.description)
        if one.category:
            event.add("categories", [one.category.name])
        calendar.add_component(event)
    ical: bytes = calendar.to_ical()
    return ical
