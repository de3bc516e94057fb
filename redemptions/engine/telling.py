"""What is worked out, or put into words, only when somebody asks for it."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """What ``work`` returns, worked out at the first call and kept."""

    __slots__ = ("_done", "_work")

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: list[T] = []

    def __call__(self) -> T:
        """Return it."""
        if not self._done:
            self._done.append(self._work())
        return self._done[0]


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
