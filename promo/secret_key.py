"""The signing key of an installation that configures none."""

import os
import secrets
from pathlib import Path


def local_secret_key(folder: Path) -> str:
    """Return the key kept in ``folder``, made at the first call, readable by us."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret_key.{os.getpid()}")
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        # A hard link fails when another process was first: then its key counts.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
