"""CloudEvents 1.0 in Kafka records: binary and structured mode, and bare JSON.

In binary mode the value is the data, and headers tell the rest; in structured mode the
value holds everything. There is no batch mode.

Source: integrations specification, "Producing" and "Subscribing".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webhooks.engine.bus.strict_json import Unreadable, check_text, read

BINARY, STRUCTURED = "binary", "structured"
MODES = (BINARY, STRUCTURED)

_SPEC = "1.0"
_JSON = "application/json"
_STRUCTURED_TYPE = "application/cloudevents"
_CONTENT_TYPE = "content-type"
_PREFIX = "ce_"
_LONGEST_NAME = 500
#: The name of a header and what stands around it, in bytes.
_MOST_OF_A_NAME = 30

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """One event for the bus.

    ``time`` is RFC 3339. ``data`` is the text of a JSON value, and ``data_ref``,
    where given, an address that has the data in its place. ``key`` is what the
    order holds by, ``sequence`` grows within a key and compares as text.
    """

    id: str
    type: str
    source: str
    subject: str
    time: str
    key: str
    sequence: str
    project_id: str
    schema: str
    trace_parent: str = ""
    data: str = ""
    data_ref: str = ""

    def attributes(self) -> dict[str, str]:
        """Return what the envelope says, without what is empty."""
        told = {
            "specversion": _SPEC,
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time,
            "partitionkey": self.key,
            "sequence": self.sequence,
            "traceparent": self.trace_parent,
            "projectid": self.project_id,
            "dataschema": self.schema,
            "dataref": self.data_ref,
        }
        return {name: value for name, value in told.items() if value}


def encode(event: CloudEvent, mode: str) -> tuple[Headers, bytes]:
    """Return headers and value of an event's record in one of ``MODES``."""
    return _structured(event) if mode == STRUCTURED else _binary(event)


def size_of(key: bytes, headers: Headers, value: bytes) -> int:
    """Return how many bytes a record comes to, a little more than less."""
    told = sum([len(text) for _, text in headers])
    return len(key) + len(value) + told + _MOST_OF_A_NAME * len(headers) + 100


@dataclass(frozen=True, slots=True)
class Received:
    """A record as it came in: its data, and what it says of itself.

    ``id``, ``source`` and ``project_id`` are empty where it is not said.
    """

    data: Any
    id: str = ""
    source: str = ""
    project_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def decode(
    headers: Sequence[tuple[str, bytes | None]], value: bytes | None
) -> Received:
    """Return what a record says, in whichever mode it is.

    A record without a value has None as its data.

    Raises:
        Unreadable: it is none of the three; the message says why.
    """
    told = {name.lower(): _text(name, text) for name, text in headers}
    if told.get(_CONTENT_TYPE, "").strip().lower().startswith(_STRUCTURED_TYPE):
        return _opened(value, told)
    data = None if value is None else read(value)
    named = {
        name.removeprefix(_PREFIX): text
        for name, text in told.items()
        if name.startswith(_PREFIX)
    }
    return _received(data, named)


def _binary(event: CloudEvent) -> tuple[Headers, bytes]:
    headers = [
        (_PREFIX + name, text.encode()) for name, text in event.attributes().items()
    ]
    if event.data_ref:
        return headers, b""
    return [(_CONTENT_TYPE, _JSON.encode()), *headers], event.data.encode()


def _structured(event: CloudEvent) -> tuple[Headers, bytes]:
    told = event.attributes()
    if not event.data_ref:
        told["datacontenttype"] = _JSON
    text = _written(told)
    if not event.data_ref:
        text = f'{text[:-1]},"data":{event.data}}}'
    content_type = f"{_STRUCTURED_TYPE}+json; charset=UTF-8"
    return [(_CONTENT_TYPE, content_type.encode())], text.encode()


def _opened(value: bytes | None, told: Mapping[str, str]) -> Received:
    if "json" not in told[_CONTENT_TYPE]:
        raise Unreadable(f"The format of {told[_CONTENT_TYPE]} is not known")
    found = None if value is None else read(value)
    if not isinstance(found, dict):
        raise Unreadable("A structured event must be an object")
    if "data_base64" in found:
        raise Unreadable("The data of a structured event must be JSON, not base64")
    named = {
        name: text
        for name, text in found.items()
        if name != "data" and isinstance(text, str)
    }
    return _received(found.get("data"), named)


def _received(data: Any, named: Mapping[str, str]) -> Received:
    version = named.get("specversion")
    if version is not None and version != _SPEC:
        raise Unreadable(f"specversion must be {_SPEC}, it is {version}")
    for name in ("id", "source"):
        if len(named.get(name, "")) > _LONGEST_NAME:
            raise Unreadable(f"{name} must not exceed {_LONGEST_NAME} characters")
    return Received(
        data,
        id=named.get("id", ""),
        source=named.get("source", ""),
        project_id=named.get("projectid", ""),
        attributes=named,
    )


def _text(name: str, text: bytes | None) -> str:
    try:
        found = (text or b"").decode()
    except UnicodeDecodeError as wrong:
        raise Unreadable(f"The header {name} must be UTF-8") from wrong
    check_text(found)
    return found
