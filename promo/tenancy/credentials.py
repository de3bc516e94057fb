"""Who a key pair is, answered from memory in the steady state."""

import ipaddress
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass

from promo.clock import utc_now
from promo.tenancy import secrets, stamp
from promo.tenancy.access_scope import Places
from promo.tenancy.models import ApiKey, Organisation, Project
from promo.tenancy.permissions import RESTRICTED, of_key

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class Credential:
    """A key as loaded, with its project and what its role may do.

    ``places`` are where a restricted key reaches, None for one that reaches everything.
    """

    key: ApiKey
    organisation: Organisation
    project: Project | None
    permissions: frozenset[str]
    networks: tuple[Network, ...]
    places: Places | None = None

    def accepts(self, token: str) -> bool:
        """Whether ``token`` is the secret and the key is not blocked.

        The secret before counts as long as a rotation lets it.
        """
        key = self.key
        right = secrets.matches(token, key.salt, key.secret_hash)
        if not right and key.former_until is not None:
            former = secrets.matches(token, key.former_salt, key.former_hash)
            right = former and utc_now() < key.former_until
        return right and key.blocked_at is None

    def admits(self, address: str) -> bool:
        """Whether the key may be used from ``address``."""
        if not self.networks:
            return True
        try:
            caller = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self.networks)


class CredentialCache:
    """Credentials by kind and app id, dropped whenever a key or project changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp = ""
        self._known: OrderedDict[tuple[str, uuid.UUID], Credential] = OrderedDict()

    def find(self, kind: str, app_id: str) -> Credential | None:
        """Return the credential of an app id, None when there is none."""
        try:
            wanted = (kind, uuid.UUID(app_id))
        except ValueError:
            return None
        # The mark is read before the row: a change in between leaves an entry
        # under the older mark, and the next call drops it.
        mark = stamp.read()
        with self._lock:
            if mark != self._stamp:
                self._known.clear()
                self._stamp = mark
            known = self._known.get(wanted)
        return known or self._load(wanted, mark)

    def _load(self, wanted: tuple[str, uuid.UUID], mark: str) -> Credential | None:
        keys = ApiKey.objects.select_related("project", "organisation")
        key = keys.filter(kind=wanted[0], app_id=wanted[1]).first()
        if key is None:
            return None
        loaded = Credential(
            key=key,
            organisation=key.organisation,
            project=key.project,
            permissions=of_key(key.role, key.integration),
            networks=tuple(ipaddress.ip_network(n) for n in key.allowed_networks),
            places=_places(key),
        )
        with self._lock:
            if self._stamp == mark:
                self._known[wanted] = loaded
                while len(self._known) > _CACHE_SIZE:
                    self._known.popitem(last=False)
        return loaded

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()


def _places(key: ApiKey) -> Places | None:
    if key.role != RESTRICTED:
        return None
    return frozenset(each.place for each in key.assignments.all())


_cache = CredentialCache()


def authenticate(kind: str, app_id: str, token: str) -> Credential | None:
    """Return who shows this pair; None when it is unknown, wrong or blocked."""
    credential = _cache.find(kind, app_id)
    if credential is None or not credential.accepts(token):
        return None
    return credential


def named(kind: str, app_id: str) -> Credential | None:
    """Return whose app id this is; that somebody names it proves nothing."""
    return _cache.find(kind, app_id)


def forget() -> None:
    """Drop what this process remembers."""
    _cache.clear()
