"""Keeping views of lists, each person for themselves."""

from datetime import datetime

from django.db import transaction

from promo.errors import InvalidPayload
from promo.tenancy.models import Project, SavedView, User

#: More of one list would be no shortcut any more.
MOST = 20


@transaction.atomic
def save_view(
    *, user: User, project: Project, page: str, name: str, query: str, now: datetime
) -> SavedView:
    """Keep a view of a list; one of the same name is replaced.

    Raises:
        InvalidPayload: no name, or twenty of the list are kept already.
    """
    title = " ".join(name.split())[:60]
    if not title:
        details = "Give the view a name"
        raise InvalidPayload(details)
    # Held, so that two windows do not keep one too many.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    own = SavedView.objects.filter(user=user, project=project, page=page)
    known = own.filter(name__iexact=title).first()
    if known is None and own.count() >= MOST:
        details = f"{MOST} views of this list are kept already"
        raise InvalidPayload(details)
    kept = known or SavedView(user=user, project=project, page=page, created_at=now)
    kept.name, kept.query = title, query
    kept.save()
    return kept


def delete_view(view: SavedView) -> None:
    """Keep a view no more."""
    view.delete()
