"""Which language somebody is written to in."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_PLACES = ("locale", "language", "lang")


def is_language(code: str) -> bool:
    """Say whether ``code`` is written as languages are: ``de``, ``de-AT``."""
    return _CODE.fullmatch(code) is not None


def languages_of(customer: Mapping[str, Any]) -> list[str]:
    """Return the languages a customer reads: what the profile or its metadata say."""
    metadata = customer.get("metadata") or {}
    said = [place.get(name) for place in (customer, metadata) for name in _PLACES]
    return [text.strip() for text in said if isinstance(text, str) and text.strip()]


def language_for(available: Sequence[str], wanted: Collection[str]) -> str:
    """Return the one of ``available`` that suits best; they are not empty.

    First the very language that somebody reads, then its base (``de`` for ``de-AT``) or
    another of the same base, and else the first one, which is the default.
    """
    by_code = {_plain(code): code for code in reversed(available)}
    by_base = {_plain(code).partition("-")[0]: code for code in reversed(available)}
    for each in map(_plain, wanted):
        base = each.partition("-")[0]
        found = by_code.get(each) or by_code.get(base) or by_base.get(base)
        if found:
            return found
    return available[0]


def _plain(code: str) -> str:
    return code.replace("_", "-").lower()
