"""Headers that a marketer adds to every sendout of a webhook.

Source: platform specification, "Delivery contract".
"""

import re
from collections.abc import Mapping

from webhooks.engine.signing import SIGNATURE, STANDARD

MOST = 20
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e]{0,1000}")
#: What is ours to say, or the connection's.
OURS = frozenset(
    {
        *("content-type", "content-length", "content-encoding", "host", "connection"),
        *("transfer-encoding", "expect", "upgrade", "te", "trailer", "user-agent"),
        *("accept-encoding", SIGNATURE),
        *STANDARD,
    }
)


def problem_of(headers: Mapping[str, str]) -> str | None:
    """Say what is wrong with custom headers, None for nothing."""
    if len(headers) > MOST:
        return f"must NOT have more than {MOST} headers"
    seen: set[str] = set()
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            return f"must have names of headers, {name} is none"
        if name.lower() in OURS:
            return f"must NOT set {name.lower()}"
        if name.lower() in seen:
            return f"must NOT name {name.lower()} twice"
        if not _VALUE.fullmatch(value):
            return f"must hold a plain text of at most 1000 characters as {name}"
        seen.add(name.lower())
    return None
