"""Facts that are put into words only when somebody reads them."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any


class Told(Mapping[str, Any]):
    """The mapping that ``tell`` returns, made at the first reading."""

    def __init__(self, tell: Callable[[], Mapping[str, Any]]) -> None:
        self._tell = tell

    @cached_property
    def _told(self) -> Mapping[str, Any]:
        return self._tell()

    def __getitem__(self, name: str) -> Any:
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)
