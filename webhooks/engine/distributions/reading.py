"""Reading JSON that a marketer designed: one shape a function, refusals with the path.

Messages complete the sentence ``Property .trigger.segment_id …``.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from promo.errors import InvalidPayload

Json = Mapping[str, Any]
LONGEST_TEXT = 255
_LARGEST = 2**31 - 1


def refuse(path: str, problem: str) -> InvalidPayload:
    """Return the refusal of what stands at ``path``."""
    return InvalidPayload(f"Property {path} {problem}")


def an_object(value: Any, path: str) -> Json:
    """Return ``value``, an empty object for None.

    Raises:
        InvalidPayload: it is no object.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise refuse(path, "must be object")
    return value


def a_text(value: Any, path: str) -> str:
    """Return a text of 1 to 255 characters.

    Raises:
        InvalidPayload: it is none.
    """
    if not isinstance(value, str):
        raise refuse(path, "must be string")
    if not 1 <= len(value) <= LONGEST_TEXT or "\0" in value:
        raise refuse(path, f"must have 1 to {LONGEST_TEXT} plain characters")
    return value


def a_choice(value: Any, path: str, choices: Collection[str]) -> str:
    """Return one of ``choices``.

    Raises:
        InvalidPayload: it is none of them.
    """
    if not isinstance(value, str) or value not in choices:
        allowed = ", ".join(choices)
        raise refuse(path, f"must be equal to one of the allowed values [ {allowed} ]")
    return value


def a_whole_number(value: Any, path: str, *, least: int) -> int:
    """Return a whole number from ``least`` on.

    Raises:
        InvalidPayload: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(path, "must be integer")
    if not least <= value <= _LARGEST:
        raise refuse(path, f"must be >= {least} and <= {_LARGEST}")
    return value


def a_flag(value: Any, path: str) -> bool:
    """Return a boolean.

    Raises:
        InvalidPayload: it is none.
    """
    if not isinstance(value, bool):
        raise refuse(path, "must be boolean")
    return value


def given(value: Json, names: Sequence[str], path: str) -> dict[str, str]:
    """Return the texts that ``value`` has under ``names``; null counts as not given.

    Raises:
        InvalidPayload: one of them is no text.
    """
    return {
        name: a_text(value[name], f"{path}.{name}")
        for name in names
        if value.get(name) is not None
    }


def only(value: Json, names: Collection[str], path: str) -> None:
    """Refuse what nobody reads, so that a slip of the pen does not go unseen.

    Raises:
        InvalidPayload: ``value`` has a name that is none of ``names``.
    """
    for name in value:
        if name not in names:
            raise refuse(f"{path}.{name}", "is not known here")
