"""Where the embedded PostgreSQL's socket lies: a fixed rule, known before it runs."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

_SOCKET_PATH_LIMIT = 104
_SOCKET_NAME = ".s.PGSQL.5432"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")


def socket_folder(data_folder: Path) -> Path:
    """Return the folder of the socket of the server that owns ``data_folder``.

    A socket's path may have 107 bytes, and PostgreSQL splits lists of folders at
    commas and spaces: where the data folder does not fit, a private folder under
    the temp directory takes its place, named by a hash of it.
    """
    path = os.fsencode(data_folder / _SOCKET_NAME)
    if len(path) < _SOCKET_PATH_LIMIT and _PLAIN_PATH.fullmatch(str(data_folder)):
        return data_folder
    digest = hashlib.sha256(os.fsencode(data_folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"promo-{os.getuid()}-{digest}"
