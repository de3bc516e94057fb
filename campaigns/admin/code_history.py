"""What happened to a code: publications and edits, with what later apps keep."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from campaigns.models import Voucher
from campaigns.models.publication import PublicationResult
from promo.admin.history import Happening
from promo.admin.visit import visit
from promo.outbox.models import EDITS_OF_CODES
from promo.tenancy.models import User

#: The newest of each kind; then the newest of all kinds together.
EACH, SHOWN = 25, 40
_EDITS: Mapping[str, str] = {
    "voucher.updated": "Changed",
    "voucher.enabled": "Enabled",
    "voucher.disabled": "Disabled",
    "voucher.deleted": "Put into the bin",
}


def history_of(request: HttpRequest, voucher: Voucher) -> list[Happening]:
    """Return the newest things that happened to a code, the newest first.

    A constant number of statements, each with an index of its own.
    """
    found = [
        one
        for name in settings.CODE_HISTORY
        for one in import_string(name)(request, voucher, EACH)
    ]
    found.append(Happening(voucher.created_at, "Created"))
    return sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN]


def publications_of(
    request: HttpRequest, voucher: Voucher, most: int
) -> list[Happening]:
    """Return to whom a code was given."""
    rows = voucher.publications.select_related("customer").order_by("-created_at")
    return [
        Happening(
            one.created_at,
            f"Given to {one.customer}",
            f"By {one.channel}" if one.channel else "",
            reverse("admin:campaigns_publication_change", args=(quote(one.pk),)),
            "good" if one.result == PublicationResult.SUCCESS else "bad",
        )
        for one in rows[:most]
    ]


def edits_of(request: HttpRequest, voucher: Voucher, most: int) -> list[Happening]:
    """Return when a code was changed, and by whom; people are read at once."""
    events = voucher.project.events.filter(
        entity_id=voucher.pk, type__in=EDITS_OF_CODES
    )
    rows = list(
        events.order_by("-id").values("pk", "type", "source", "created_at")[:most]
    )
    by = [(one["source"].get("user") or {}).get("id") for one in rows]
    names = dict(
        User.objects.filter(pk__in={pk for pk in by if pk}).values_list("pk", "email")
    )
    may_read = visit(request).may("logs.read")
    return [
        _edit(one, names.get(pk or "", ""), may_read)
        for one, pk in zip(rows, by, strict=True)
    ]


def _edit(event: Mapping[str, Any], who: str, may_read: bool) -> Happening:
    key = event["source"].get("api_key") or {}
    by = who or key.get("name", "")
    link = reverse("admin:outbox_domainevent_change", args=(quote(event["pk"]),))
    return Happening(
        event["created_at"],
        _EDITS[event["type"]],
        f"By {by}" if by else "",
        link if may_read else "",
    )
