"""Writing JSON as a JavaScript receiver writes it again after reading it.

Receivers parse the body and hash what they serialise: keys that look like the index of
an array come first, in ascending order, and numbers are written the shortest way.

Source: platform specification, "Delivery contract".
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_INDEX = re.compile(r"0|[1-9]\d{0,9}")
_LAST_INDEX = 2**32 - 2
_EXACT = 2**53
_PLAINLY = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
#: Where one is found, the plain way may have written it differently: a key that looks
#: like an index, or a number with a point, an exponent or many digits, in an object, in
#: an array or alone. Patterns that begin with one character are looked for quickly.
_NUMBER = r"-?(?:\d+[.eE]|\d{16}|NaN|Infinity)"
_SUSPECTS = (
    re.compile(r'"\d{1,10}":'),
    re.compile(rf'":{_NUMBER}'),
    re.compile(rf"\[{_NUMBER}"),
    re.compile(rf",{_NUMBER}"),
    re.compile(rf"\A{_NUMBER}"),
)
#: From this power of ten on, and below 1e-6, numbers carry an exponent.
_LARGE, _SMALL = 21, -6


def as_sent(value: Any) -> str:
    """Return ``value`` as compact JSON text, characters unescaped."""
    try:
        text = _PLAINLY.encode(value)
    except TypeError:
        return "".join(_parts(value))
    if any(suspect.search(text) for suspect in _SUSPECTS):
        return "".join(_parts(value))
    return text


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield "{"
        for place, key in enumerate(_keys(value)):
            yield ("," if place else "") + _text(key) + ":"
            yield from _parts(value[key])
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for place, item in enumerate(value):
            if place:
                yield ","
            yield from _parts(item)
        yield "]"
    else:
        yield _plain(value)


def _keys(value: Mapping[str, Any]) -> list[str]:
    indices = [key for key in value if _is_index(key)]
    if not indices:
        return list(value)
    rest = [key for key in value if not _is_index(key)]
    return sorted(indices, key=int) + rest


def _is_index(key: str) -> bool:
    return _INDEX.fullmatch(key) is not None and int(key) <= _LAST_INDEX


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value) if abs(value) <= _EXACT else _number(float(value))
    if isinstance(value, float):
        return _number(value)
    return _text(str(value))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Return a number with the fewest digits that read back as the same one."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not any(digits) or not isinstance(exponent, int):
        return "0"
    shown = "".join(map(str, digits))
    point = len(shown) + exponent
    return ("-" if sign else "") + _placed(shown, point)


def _placed(digits: str, point: int) -> str:
    """Return ``digits`` with the decimal point behind the first ``point`` of them."""
    if len(digits) <= point <= _LARGE:
        return digits.ljust(point, "0")
    if 0 < point <= _LARGE:
        return f"{digits[:point]}.{digits[point:]}"
    if _SMALL < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = point - 1
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"
