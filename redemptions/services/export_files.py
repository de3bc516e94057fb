"""The files of exports in storage, and who may touch them.

Whoever writes or removes a file holds its export by a lock of the transaction: it goes
with a killed worker, and stands in nobody's way who only reads or deletes the row.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import BooleanField, Func, Q
from django.db.models.expressions import F

from redemptions.models import Export

_BATCH = 100


class _IsFree(Func):
    """Takes the lock of an export until the transaction ends, if nobody has it."""

    template = (
        "pg_try_advisory_xact_lock(hashtextextended(%(expressions)s::text, 7072))"
    )
    output_field = BooleanField()


def free() -> Q:
    """Return the condition that nobody works on an export; who asks holds it then."""
    return Q(_IsFree(F("id")))


def hold(export: Export) -> bool:
    """Hold an export until the transaction ends; False where somebody else does."""
    return Export.objects.filter(free(), pk=export.pk).exists()


class Draft(File):  # type: ignore[type-arg]  # bytes, as it is opened
    """A file that is being written on this machine, for one export.

    A storage on the same disk takes it over by its path, others read it. What a
    killed worker left is written over.
    """

    def __init__(self, export: Export) -> None:
        folder = Path(settings.MEDIA_ROOT, "drafts")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / export.pk
        super().__init__(self._path.open("w+b"), name=export.file_name)

    def temporary_file_path(self) -> str:
        """Return where it is, for storages that move files."""
        return str(self._path)

    def checksum(self) -> str:
        """Return the SHA-256 of all that was written, in hexadecimal digits."""
        self.flush()
        with self._path.open("rb") as written:
            return hashlib.file_digest(written, "sha256").hexdigest()

    def __exit__(self, *_: object) -> None:
        self.close()
        self._path.unlink(missing_ok=True)


def store(export: Export, draft: Draft) -> str:
    """Put the draft where the export's file belongs; return its name there.

    What an earlier attempt left is replaced.
    """
    draft.flush()
    draft.seek(0)
    default_storage.delete(export.file_name)
    return default_storage.save(export.file_name, draft)


def open_file(export: Export) -> IO[bytes] | None:
    """Return the file of an export, open for reading; None where it is gone."""
    try:
        opened: IO[bytes] = default_storage.open(export.file_name, "rb")
    except FileNotFoundError:
        return None
    return opened


def remove(export: Export) -> None:
    """Delete the file, whether there is one or not."""
    default_storage.delete(export.file_name)


@transaction.atomic
def remove_withdrawn(now: datetime) -> int:
    """Delete a batch of withdrawn files; return how many there were.

    First the file, then the row of a deleted export, so that a process that ends in
    between leaves nothing behind but work that is done again.
    """
    rows = Export.objects.filter(withdrawn_at__isnull=False).exclude(file_name="")
    # Asked row by row: in a list the lock may be taken for rows that others have.
    ids = list(rows.order_by("withdrawn_at").values_list("pk", flat=True)[:_BATCH])
    held = list(Export.objects.filter(free(), pk__in=ids))
    for export in held:
        remove(export)
    gone: dict[str, Any] = {"file_name": "", "updated_at": now}
    removed = Export.objects.filter(pk__in=[export.pk for export in held])
    removed.filter(deleted_at=None).update(**gone)
    removed.filter(deleted_at__isnull=False).delete()
    return len(held)
