"""Which web pages may call the client API."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from promo.tenancy import stamp
from promo.tenancy.models import Project


def origin_is_trusted(origin: str, trusted: Iterable[str]) -> bool:
    """Say whether ``origin`` (scheme, host, port) is covered by a trusted entry.

    An entry with a scheme means that origin alone, one without means its host,
    ``*.example.com`` the subdomains, ``*`` everyone.

    Source: platform specification, "Client keys".
    """
    try:
        parts = urlsplit(origin.strip().lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host:
        return False
    entries = (str(entry).strip().lower().rstrip("/") for entry in trusted)
    return any(_covers(entry, parts.scheme, host, port) for entry in entries)


def _covers(entry: str, scheme: str, host: str, port: int | None) -> bool:
    if entry == "*":
        return True
    wanted = entry
    if "://" in entry:
        wanted_scheme, _, wanted = entry.partition("://")
        if wanted_scheme != scheme:
            return False
    elif port is not None and ":" not in entry:
        port = None
    if wanted.startswith("*."):
        return _authority(host, port).endswith(wanted[1:])
    default = {"http": 80, "https": 443}.get(scheme)
    forms = {_authority(host, port)}
    if port in {None, default}:
        forms |= {host, _authority(host, default)}
    return wanted in forms


def _authority(host: str, port: int | None) -> str:
    return host if port is None else f"{host}:{port}"


class _TrustedSomewhere:
    """The trusted entries of all projects, read again when the mark changes."""

    def __init__(self) -> None:
        self._known: tuple[str, frozenset[str]] | None = None

    def entries(self) -> frozenset[str]:
        mark = stamp.read()
        known = self._known
        if known is None or known[0] != mark:
            lists = Project.objects.values_list("client_trusted_domains", flat=True)
            known = (mark, frozenset(entry for listed in lists for entry in listed))
            self._known = known
        return known[1]

    def forget(self) -> None:
        self._known = None


_somewhere = _TrustedSomewhere()


def forget() -> None:
    """Drop what this process remembers."""
    _somewhere.forget()


def admits_cross_origin(sender: Any, request: HttpRequest, **_: Any) -> bool:
    """Say whether some project trusts the request's origin.

    A preflight carries no key, so no single project can be asked. The question is
    put for every address, and only those of the client API are worth a query.
    """
    origin = request.headers.get("origin")
    if not origin or not re.match(settings.CORS_URLS_REGEX, request.path_info):
        return False
    return origin_is_trusted(origin, _somewhere.entries())
