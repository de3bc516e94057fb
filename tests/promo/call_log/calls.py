"""Calls without a request."""

from datetime import UTC, datetime
from typing import Any

from promo.call_log.call import Call
from promo.call_log.storing import store
from promo.tenancy.models import Project

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
ORGANISATION = "org_" + "0" * 31 + "1"


def a_call(project: Project | None = None, **values: Any) -> Call:
    """Return a call of ``project``, or of nobody who is known."""
    plain = {
        "organisation_id": project.organisation_id if project else ORGANISATION,
        "project_id": project.pk if project else None,
        "created_at": NOON,
        "status": 200,
        "request_id": "v-" + "0" * 18,
        "channel": "API",
        "method": "GET",
        "route": "v1/vouchers",
        "url": "/v1/vouchers",
        "user_email": "",
        "app_id": None,
        "client_app_id": None,
        "duration": 5,
        "sent": b"",
        "answered": b"",
        "shown": (),
    }
    return Call(**{**plain, **values})


def store_call(project: Project | None = None, **values: Any) -> None:
    store([a_call(project, **values)])
