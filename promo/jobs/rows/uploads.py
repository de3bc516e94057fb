"""What was sent for long work, kept in the database until the work has ended.

In the database, because every worker reaches it, also on other machines, and because
it goes in one transaction with the action that needs it.
"""

from collections.abc import Iterable
from io import BufferedReader, RawIOBase
from typing import Any

from promo.jobs.models import AsyncAction, UploadPart

PART = 1 << 20


def keep_upload(action: AsyncAction, chunks: Iterable[bytes]) -> int:
    """Store ``chunks`` one behind the other; return how many bytes there are."""
    start, waiting = 0, bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PART:
            start = _keep(action, start, bytes(waiting[:PART]))
            del waiting[:PART]
    return _keep(action, start, bytes(waiting)) if waiting else start


def _keep(action: AsyncAction, start: int, data: bytes) -> int:
    UploadPart.objects.create(action=action, start=start, data=data)
    return start + len(data)


def open_upload(action: AsyncAction, offset: int) -> BufferedReader:
    """Open what was sent, at an offset."""
    return BufferedReader(_Parts(action, offset), PART)


def drop_upload(action: AsyncAction) -> None:
    """Forget what was sent."""
    UploadPart.objects.filter(action=action).delete()


class _Parts(RawIOBase):
    """The parts of an upload as one stream; one statement a part."""

    def __init__(self, action: AsyncAction, offset: int) -> None:
        super().__init__()
        self._rows = UploadPart.objects.filter(action=action)
        self._offset = offset

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        start = self._offset // PART * PART
        data = self._rows.filter(start=start).values_list("data", flat=True).first()
        if data is None:
            return 0
        within = self._offset - start
        found = memoryview(data)[within : within + len(buffer)]
        buffer[: len(found)] = found
        self._offset += len(found)
        return len(found)
