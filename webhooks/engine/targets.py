"""Which addresses may be called: nothing inside the network that Promo runs in.

A host is checked twice: as it is written, and as what its name stands for at the moment
of the call. Whoever calls connects to the address that was checked.

Source: platform specification, "Delivery contract".
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PORTS = {"http": 80, "https": 443}
#: The longest URL that is taken.
LONGEST = 2_048
_LAST_PORT = 65_535
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
#: A last label that is a number makes a host an IPv4 address, however it is written.
_NUMBER = re.compile(r"\d+|0[xX][0-9a-fA-F]*")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
#: Special, though Python may call them global: of protocols, of sites, of a network's
#: own translation, and one address at which a provider answers its own machines.
_SPECIAL = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "fec0::/10"),
        *("64:ff9b:1::/48", "100:0:0:1::/64", "3fff::/20", "5f00::/16"),
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_MAPPED_LATER = ipaddress.IPv6Network("::ffff:0:0:0/96")
#: The third quarter of an address that carries an IPv4 one inside a site (ISATAP).
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
_LOW = 2**32 - 1


class NotAllowed(Exception):
    """The target may not be called; the text says why, for whoever configured it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address to send to; ``path`` holds the query too.

    ``host`` is lower case and ASCII: a name, or an address without brackets.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def literal(self) -> Address | None:
        """The address that the host is, None for a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """What the ``host`` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS[self.scheme] == self.port
        return host if usual else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """Return what ``url`` points to.

    Raises:
        NotAllowed: it is no plain http or https URL, or its host no plain one.
    """
    if len(url) > LONGEST or _UNSAFE.search(url):
        msg = "must be a URL without spaces of at most 2048 characters"
        raise NotAllowed(msg)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        msg = "must be a URL"
        raise NotAllowed(msg) from wrong
    if parts.scheme not in _PORTS or not parts.hostname:
        msg = "must be an http or https URL"
        raise NotAllowed(msg)
    if "[" in parts.netloc and ":" not in parts.hostname:
        msg = "must have a host that is a name or a plainly written address"
        raise NotAllowed(msg)
    if "@" in parts.netloc:
        msg = "must not hold a user or a password"
        raise NotAllowed(msg)
    if port is not None and not 0 < port <= _LAST_PORT:
        msg = "must have a port between 1 and 65535"
        raise NotAllowed(msg)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        msg = "must have a path and a query that are percent-encoded"
        raise NotAllowed(msg)
    return Target(
        parts.scheme, _host(parts.hostname), port or _PORTS[parts.scheme], path
    )


def check_address(address: Address, allowed: Sequence[Network]) -> None:
    """Refuse an address that is not out in the world, unless ``allowed`` holds it.

    Raises:
        NotAllowed: private, loopback, link-local, of a provider's metadata or otherwise
            special, also where an IPv6 address stands for such an IPv4 one.
    """
    meant = (address, *_inside(address))
    if any(each in network for each in meant for network in allowed):
        return
    if any(_is_special(each) for each in meant):
        msg = f"must not lead to {address}, which is not a public address"
        raise NotAllowed(msg)


# Asked for every attempt, and dear: it is compared with a score of networks.
@lru_cache(maxsize=4_096)
def _is_special(address: Address) -> bool:
    special = not address.is_global or address.is_multicast
    return special or any(address in network for network in _SPECIAL)


def _host(name: str) -> str:
    """Return a host as it is looked up.

    Raises:
        NotAllowed: it is no name, or an address written in an unusual way.
    """
    msg = "must have a host that is a name or a plainly written address"
    if ":" in name:
        if "%" in name:
            raise NotAllowed(msg)
        return _plainly(ipaddress.IPv6Address, name, msg)
    try:
        plain = name.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as wrong:
        raise NotAllowed(msg) from wrong
    if _NUMBER.fullmatch(plain.rpartition(".")[2]):
        return _plainly(ipaddress.IPv4Address, plain, msg)
    if not _NAME.fullmatch(plain):
        raise NotAllowed(msg)
    return plain


def _plainly(kind: Callable[[str], Address], written: str, msg: str) -> str:
    try:
        return str(kind(written))
    except ValueError as wrong:
        raise NotAllowed(msg) from wrong


def _inside(address: Address) -> Iterator[Address]:
    """Yield the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    carries = any(address in each for each in (_NAT64, _COMPATIBLE, _MAPPED_LATER))
    if carries or int(address) >> 32 & _LOW in _ISATAP:
        yield ipaddress.IPv4Address(int(address) & _LOW)
