"""What a process used last, remembered up to a limit."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The ``size`` values used last, by key, for all threads of this process."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._known: OrderedDict[K, V] = OrderedDict()

    def find(self, keys: Collection[K]) -> dict[K, V]:
        """Return those that are known."""
        found = {}
        with self._lock:
            for key in keys:
                if key in self._known:
                    self._known.move_to_end(key)
                    found[key] = self._known[key]
        return found

    def keep(self, values: Mapping[K, V]) -> None:
        """Remember ``values`` and forget what was not used for longest."""
        with self._lock:
            self._known.update(values)
            while len(self._known) > self._size:
                self._known.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()
