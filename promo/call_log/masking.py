"""What is taken out of a call before it is stored.

Values under telling names, such as ``token``, ``client_secret`` or ``password``, what
follows ``Bearer``, and the secrets that the caller showed give way to ``***``. Of an
e-mail address the first letter and the domain stay, with a mark that is the same
wherever the address stands: whoever knows an address can find it, nobody can read it.

Most bodies hold none of this, so a look for a few words decides whether one is taken
apart at all.

Source: platform specification, "Audit log".
"""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from django.utils.crypto import salted_hmac

MASK = "***"
#: Bytes of a body that are kept.
LONGEST_BODY = 64 * 1024
#: What straddles the cut is masked before it falls.
_SLACK = 4 * 1024

_TELLING = (
    "token",
    "secret",
    "passw",
    "passphrase",
    "pwd",
    "credential",
    "authorization",
    "cookie",
    "apikey",
    "privatekey",
    "accesskey",
)
#: In lower case, what a body holds if any of its names is telling, a value begins with
#: ``Bearer``, or a name or value may be spelled in another way. Keys apart: those of
#: errors are called just that.
_SIGNS = (
    b"token",
    b"secret",
    b"pass",
    b"pwd",
    b"credential",
    b"authorization",
    b"cookie",
    b"bearer",
    b"\\",
    b"\x00",
)
_BEARER = re.compile(r"(\bbearer\s+)[\w.~+/=-]{4,}", re.IGNORECASE)
_IN_QUERY = re.compile(
    rf"([?&][\w.\-\[\]]*(?:{'|'.join(_TELLING)}|api_key)[\w.\-\[\]]*=)[^&#\s\"']+",
    re.IGNORECASE,
)
_LONGEST_LOCAL_PART = 64
_LOCAL_PART = re.compile(r"[^\s\"'<>()\[\]{},;:\\/&?=@]+\Z")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_PLAIN_URL = re.compile(r"[/A-Za-z0-9_.-]*")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


def is_telling(name: str) -> bool:
    """Whether what stands under ``name`` is a secret."""
    joined = _NO_LETTERS.sub("", name.lower())
    return any(part in joined for part in _TELLING)


def masked_body(raw: bytes, shown: Sequence[str] = ()) -> str:
    """Return a JSON body as it may be stored, cut to ``LONGEST_BODY``.

    ``shown`` are secrets that the caller showed. Of what is not JSON though it looks as
    if it held secrets, only the size is told.
    """
    start = raw[: LONGEST_BODY + _SLACK]
    text = start.decode("utf-8", "replace")
    if _needs_care(start.lower()):
        try:
            text = _dumped(_masked(json.loads(raw)))
        except (ValueError, RecursionError):
            return f"[{len(raw):,} bytes that are not JSON]"
    encoded = _without(mask_emails(text), shown).encode("utf-8", "replace")
    return encoded[:LONGEST_BODY].decode("utf-8", "ignore")


def masked_url(url: str, shown: Sequence[str] = ()) -> str:
    """Return an address as it may be stored, each part encoded in the one way."""
    if _PLAIN_URL.fullmatch(url):
        return url
    path, _, query = url.partition("?")
    text = "/".join(url_part(unquote(part)) for part in path.split("/"))
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        text += "?" + "&".join(_pair(name, value) for name, value in pairs)
    return _without(text, shown)


def url_part(text: str) -> str:
    """Return a name or value as it stands in stored addresses."""
    return quote(mask_emails(text), safe="@*$:[]")


def json_part(text: str) -> str:
    """Return a text as it stands in stored bodies, with its quotation marks."""
    return mask_emails(_dumped(text))


def mask_emails(text: str) -> str:
    """Return ``text`` with a mark in place of each e-mail address."""
    head, *rest = text.split("@")
    done = []
    for following in rest:
        after = following
        start = max(0, len(head) - _LONGEST_LOCAL_PART)
        local, domain = _LOCAL_PART.search(head, start), _DOMAIN.match(after)
        if local and domain:
            mark = _mark(f"{local[0]}@{domain[0]}")
            head = f"{head[: local.start()]}{local[0][0].lower()}{MASK}{mark}"
            after = domain[0].lower() + after[domain.end() :]
        done.append(head)
        head = after
    return "@".join([*done, head])


def _mark(address: str) -> str:
    made = salted_hmac("promo.call_log", address.lower(), algorithm="sha256")
    return made.hexdigest()[:10]


def _needs_care(lower: bytes) -> bool:
    # A loop, not any(): this runs for every call.
    for sign in _SIGNS:
        if sign in lower:
            return True
    return lower.count(b"key") != lower.count(b'"key"')


def _masked(value: Any) -> Any:
    """Return JSON without what stands under telling names."""
    if isinstance(value, dict):
        named = any(
            isinstance(value.get(key), str) and is_telling(value[key])
            for key in ("name", "key")
        )
        return {
            name: MASK
            if _is_secret(inner) and (is_telling(name) or (named and name == "value"))
            else _masked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return _masked_text(value) if isinstance(value, str) else value


def _is_secret(value: Any) -> bool:
    """Whether a value can be a secret: not where there is none, nor a yes or no."""
    return bool(value) and value is not True


def _masked_text(text: str) -> str:
    if text[:1] in {"{", "["}:
        try:
            return _dumped(_masked(json.loads(text)))
        except (ValueError, RecursionError):
            return MASK if any(part in text.lower() for part in _TELLING) else text
    return _IN_QUERY.sub(rf"\1{MASK}", _BEARER.sub(rf"\1{MASK}", text))


def _pair(name: str, value: str) -> str:
    shown = MASK if value and is_telling(name) else url_part(value)
    return f"{url_part(name)}={shown}"


def _without(text: str, shown: Sequence[str]) -> str:
    for secret in shown:
        text = text.replace(secret, MASK)
    return text


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
