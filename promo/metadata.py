"""What metadata hold at a path."""

from collections.abc import Mapping
from typing import Any


def metadata_value(metadata: Mapping[str, Any], path: str) -> Any:
    """Return the metadata at a dotted path.

    A literal key with dots goes first; along the path an array of objects yields
    the array of its members' values.

    Source: rules specification, "Missing values and arrays".
    """
    if path in metadata:
        return metadata[path]
    head, dot, rest = path.partition(".")
    while dot:
        if head in metadata:
            return _below(metadata[head], rest)
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def _below(value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return metadata_value(value, path)
    if not isinstance(value, list | tuple):
        return None
    found = [
        metadata_value(member, path) for member in value if isinstance(member, Mapping)
    ]
    known = [member for member in found if member is not None]
    return known or None
