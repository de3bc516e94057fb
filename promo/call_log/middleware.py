"""Taking down every call of the API, and what people change at the dashboard."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from promo import request_context
from promo.admin.visit import Visit
from promo.api.authentication import ClientKey, KeyPair, ManagementKey, ServerKey
from promo.call_log.call import Call
from promo.call_log.writer import writer
from promo.clock import utc_now
from promo.tenancy import credentials
from promo.tenancy.credentials import Credential

_KEYS: tuple[type[KeyPair], ...] = (ServerKey, ClientKey, ManagementKey)
_SURFACES = {
    "server": "API",
    "client": "CLIENT_API",
    "management": "MANAGEMENT_API",
}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_SHORTEST_SECRET = 8
_JSON = "application/json"


class Overheard:
    """A stream that remembers what was read from it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._parts: list[bytes] = []

    def read(self, *size: int) -> bytes:
        return self._heard(self._stream.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._heard(self._stream.readline(*size))

    def close(self) -> None:
        self._stream.close()

    @property
    def heard(self) -> bytes:
        """What was read so far."""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _heard(self, part: bytes) -> bytes:
        if part:
            self._parts.append(part)
        return part


class Caller(NamedTuple):
    """Whose call it is: a key's, or a person's at the dashboard."""

    organisation_id: str
    project_id: str | None
    surface: str
    app_id: Any = None
    client_app_id: Any = None
    user_email: str = ""


class CallLog:
    """Hands each call to the writer once it is answered.

    A body is kept only if the view read it, so of a caller who was refused there is
    none. Calls that name no key of ours are nobody's, and not logged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.CALL_LOG_DAYS:
            return self.get_response(request)
        now, started = utc_now(), time.perf_counter()
        stream = _overheard(request)
        response = self.get_response(request)
        caller = _caller(request)
        if caller is not None:
            taken = time.perf_counter() - started
            call = _call(request, response, caller, stream, now=now, taken=taken)
            writer.offer(call)
        return response


def _overheard(request: HttpRequest) -> Overheard | None:
    """Listen to the body of a request; files would be too long to be told."""
    if request.content_type == "multipart/form-data":
        return None
    stream = Overheard(request._stream)  # noqa: SLF001 - Django has no public way
    request._stream = stream  # type: ignore[assignment]  # noqa: SLF001 - all that is read of it
    return stream


def _caller(request: HttpRequest) -> Caller | None:
    if getattr(request, "is_api", False):
        # Set by the view's authentication.
        proven = getattr(request, "auth", None) or _named_key(request)
        return _key(proven) if isinstance(proven, Credential) else None
    seen: Visit | None = getattr(request, "_visit", None)
    if request.method in _READING or seen is None or seen.user is None:
        return None
    return _person(seen)


def _key(credential: Credential) -> Caller:
    key, project = credential.key, credential.project
    is_client = key.kind == "client"
    return Caller(
        organisation_id=credential.organisation.pk,
        project_id=None if project is None else project.pk,
        surface=_SURFACES[key.kind],
        app_id=None if is_client else key.app_id,
        client_app_id=key.app_id if is_client else None,
    )


def _named_key(request: HttpRequest) -> Credential | None:
    """Return the key that a refused caller named."""
    for pair in _KEYS:
        app_id = request.META.get(pair.id_header)
        if app_id:
            with suppress(DatabaseError):  # no call fails for its entry
                return credentials.named(pair.kind, app_id)
    return None


def _person(seen: Visit) -> Caller | None:
    if seen.project is None or seen.user is None:
        return None
    return Caller(
        organisation_id=str(seen.project.organisation_id),
        project_id=seen.project.pk,
        surface="USER_PORTAL",
        user_email=seen.user.email,
    )


def _call(
    request: HttpRequest,
    response: HttpResponseBase,
    caller: Caller,
    stream: Overheard | None,
    *,
    now: datetime,
    taken: float,
) -> Call:
    meta, route = request.META, request.resolver_match
    request_id = response.headers.get("X-Request-Id")
    return Call(
        organisation_id=caller.organisation_id,
        project_id=caller.project_id,
        created_at=now,
        status=response.status_code,
        request_id=request_id or request_context.current().request_id,
        channel=meta.get("HTTP_X_VOUCHERIFY_CHANNEL") or caller.surface,
        method=str(request.method),
        route=route.route if route else "",
        url=_url(request),
        user_email=caller.user_email,
        app_id=caller.app_id,
        client_app_id=caller.client_app_id,
        duration=round(taken * 1_000),
        sent=_sent(request, stream),
        answered=_answered(response),
        shown=_shown(meta),
    )


def _url(request: HttpRequest) -> str:
    """Return path and query as sent: Django's own path has lost what ``%2F`` was."""
    raw = str(request.META.get("RAW_URI", "")).partition("?")[0]
    query = request.META.get("QUERY_STRING", "")
    path = raw if raw.startswith("/") else request.get_full_path().partition("?")[0]
    return f"{path}?{query}" if query else path


def _sent(request: HttpRequest, stream: Overheard | None) -> bytes:
    """Return the body as read; of a form its values and the names of its files."""
    form, files = getattr(request, "_post", None), getattr(request, "_files", None)
    if not form and not files:
        return stream.heard if stream else b""
    fields = form.lists() if form else ()
    sent = {name: [_field(value) for value in many] for name, many in fields}
    if files:
        sent |= {name: [one.name for one in many] for name, many in files.lists()}
    values = {name: many[0] if len(many) == 1 else many for name, many in sent.items()}
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")


def _field(value: str) -> Any:
    """Return JSON and lists that were typed into a field as what they are.

    Inside a text nothing of them would be masked, nor anybody found who is named there.
    """
    if value[:1] in {"{", "["}:
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    lines = value.splitlines()
    return lines if len(lines) > 1 else value


def _answered(response: HttpResponseBase) -> bytes:
    """Return the answer if it is JSON; pages and files are told by their address."""
    is_json = response.headers.get("Content-Type", "").startswith(_JSON)
    return bytes(getattr(response, "content", b"")) if is_json else b""


def _shown(meta: Any) -> list[str]:
    """Return the secrets that the caller showed, so that none can be stored."""
    sent = [meta.get(pair.token_header, "") for pair in _KEYS]
    sent.append(meta.get("HTTP_AUTHORIZATION", "").rpartition(" ")[2])
    return [secret for secret in sent if len(secret) >= _SHORTEST_SECRET]
