"""A call as a request leaves it, and as the table takes it."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from promo import ids
from promo.call_log import masking

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")
#: The columns that ``Call.row`` fills, in its order.
COLUMNS = (
    "id",
    "organisation_id",
    "project_id",
    "created_at",
    "status",
    "request_id",
    "channel",
    "method",
    "endpoint",
    "url",
    "user_email",
    "app_id",
    "client_app_id",
    "request_duration",
    "request_body",
    "response_body",
)


class Call(NamedTuple):
    """What one request leaves behind, taken down as quickly as can be.

    ``duration`` is in milliseconds. ``shown`` are the secrets in the headers, which
    are stored nowhere.
    """

    organisation_id: str
    project_id: str | None
    created_at: datetime
    status: int
    request_id: str
    channel: str
    method: str
    route: str
    url: str
    user_email: str
    app_id: UUID | None
    client_app_id: UUID | None
    duration: int
    sent: bytes
    answered: bytes
    shown: Sequence[str]

    @property
    def size(self) -> int:
        """How many bytes of bodies the call holds on to."""
        return len(self.sent) + len(self.answered)

    def row(self) -> tuple[Any, ...]:
        """Return the values of ``COLUMNS``, with nothing in them that is secret."""
        project = self.project_id
        return (
            ids.new_uuid(),
            _stored(self.organisation_id),
            None if project is None else _stored(project),
            self.created_at,
            self.status,
            self.request_id,
            _plain(self.channel, 100),
            self.method[:10],
            endpoint_of(self.method, self.route)[:255],
            _plain(masking.masked_url(self.url, self.shown), 8_190),
            self.user_email[:254],
            self.app_id,
            self.client_app_id,
            self.duration,
            masking.masked_body(self.sent, self.shown),
            masking.masked_body(self.answered, self.shown),
        )


@lru_cache(maxsize=1_024)
def _stored(shown: str) -> UUID:
    return ids.parse_shown(shown)


@lru_cache(maxsize=2_048)
def endpoint_of(method: str, route: str) -> str:
    """Return the name of an endpoint, ``GET_v1_vouchers_code``; of none, ``GET``."""
    named = _NO_NAME.sub("_", _PARAMETER.sub(r"\1", route)).strip("_")
    return f"{method}_{named}" if named else method


def _plain(text: str, longest: int) -> str:
    kept = text[:longest].replace("\x00", "")
    return kept.encode("utf-8", "replace").decode()
