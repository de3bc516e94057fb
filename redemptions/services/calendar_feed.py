"""Giving out secret addresses of the calendar, and finding whose one is."""

import hashlib
import secrets
from datetime import datetime

from promo.tenancy.models import Membership, Project, User
from redemptions.models import CalendarFeed

_BYTES = 24


def make_feed(project: Project, user: User, *, now: datetime) -> str:
    """Return the secret of a new address; the person's former one stops working."""
    token = secrets.token_urlsafe(_BYTES)
    CalendarFeed.objects.update_or_create(
        project=project,
        user=user,
        defaults={"token_hash": _hash(token), "created_at": now},
    )
    return token


def drop_feed(project: Project, user: User) -> None:
    """Let the person's address stop working; without one nothing happens."""
    CalendarFeed.objects.filter(project=project, user=user).delete()


def project_of_feed(token: str) -> Project | None:
    """Return whose calendar an address shows, if its person may still read it."""
    rows = CalendarFeed.objects.select_related("project", "user")
    feed = rows.filter(token_hash=_hash(token)).first()
    if feed is None or not feed.user.is_active:
        return None
    if feed.user.is_superuser:
        return feed.project
    member = Membership.objects.select_related("role", "custom_role")
    found = member.filter(project=feed.project, user=feed.user).first()
    may = found is not None and "campaigns.read" in found.permissions
    return feed.project if may else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
