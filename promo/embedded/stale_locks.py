"""Lock files that a killed server left behind.

PostgreSQL asks ``kill(pid, 0)`` whether the server in its lock file lives. A zombie
(a container without an init has them) or another program that has been given the
same pid answers too, and the server never starts again.
"""

import subprocess
import sys
from pathlib import Path


def disown(data_folder: Path, socket_lock: Path) -> None:
    """Name a certainly dead process in both lock files if the named one is not ours.

    The files stay: PostgreSQL still checks their shared-memory id for surviving
    backends.
    """
    for lock_file in (data_folder / "postmaster.pid", socket_lock):
        try:
            pid, rest = lock_file.read_text().split("\n", 1)
            if not _serves(int(pid), data_folder):
                lock_file.write_text(f"{_dead_pid()}\n{rest}")
        except (FileNotFoundError, ValueError):
            continue


def _serves(pid: int, data_folder: Path) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        stat = (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True  # Dead, or no /proc to ask: PostgreSQL's own check is right.
    name = stat[stat.index("(") + 1 : stat.rindex(")")]
    state = stat.rpartition(")")[2].split()[0]
    if name != "postgres" or state == "Z":
        return False
    try:
        return (process / "cwd").readlink() == data_folder.resolve()
    except OSError:
        return True  # Without the right to ask, keep believing the lock file.


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid
