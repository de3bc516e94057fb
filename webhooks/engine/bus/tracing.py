"""The trace of an event, as W3C Trace Context writes it.

Events of one request share its trace; each has a span of its own.

Source: integrations specification, "Producing".
"""

import re

_CAUSE = re.compile(r"[vw]-([0-9a-f]{1,32})")
_SPAN = re.compile(r"[0-9a-f]{16}$")


def trace_parent(group_id: str, event_id: str) -> str:
    """Return the ``traceparent`` of an event; empty where it has no cause to name.

    ``group_id`` is the id of the request, ``v-`` or ``w-`` and hex digits.
    """
    cause, span = _CAUSE.fullmatch(group_id), _SPAN.search(event_id)
    if cause is None or span is None or not int(cause[1], 16):
        return ""
    return f"00-{cause[1].zfill(32)}-{span[0]}-00"
