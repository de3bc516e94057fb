import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from promo.embedded import stale_locks
from promo.embedded.address import socket_folder
from tests.promo.embedded.conftest import (
    Start,
    answers,
    connect,
    leave,
    server_pid,
    stop,
    wait_until_ready,
)


def test_processes_starting_at_once_share_one_server_until_the_last_leaves(
    data_folder: Path, start_user: Start
) -> None:
    users = [start_user(data_folder) for _ in range(3)]
    for user in users:
        wait_until_ready(user)
    pid = server_pid(data_folder)

    leave(users[0])
    leave(users[1])

    assert server_pid(data_folder) == pid
    assert answers(data_folder)
    leave(users[2])
    assert not answers(data_folder)


def test_a_killed_user_does_not_keep_the_server_from_being_stopped(
    data_folder: Path, start_user: Start
) -> None:
    killed, last = start_user(data_folder), start_user(data_folder)
    wait_until_ready(killed)
    wait_until_ready(last)

    killed.kill()
    killed.wait()
    leave(last)

    assert not answers(data_folder)


def test_rows_written_before_a_kill_of_everything_are_there_after_the_next_start(
    data_folder: Path, start_user: Start
) -> None:
    user = start_user(data_folder)
    wait_until_ready(user)
    with connect(data_folder) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")

    os.kill(server_pid(data_folder), signal.SIGKILL)
    user.kill()
    user.wait()
    after = start_user(data_folder)
    wait_until_ready(after)

    with connect(data_folder) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    leave(after)


def test_a_lock_file_naming_another_program_does_not_stop_a_start(
    data_folder: Path, start_user: Start
) -> None:
    first = start_user(data_folder)
    wait_until_ready(first)
    lock_file = data_folder / "postmaster.pid"
    _, rest = lock_file.read_text().split("\n", 1)
    first.kill()
    first.wait()
    stop(data_folder)
    lock_file.write_text(f"{os.getpid()}\n{rest}")

    second = start_user(data_folder)

    wait_until_ready(second)
    assert server_pid(data_folder) != os.getpid()
    leave(second)


def test_the_lock_file_of_a_living_server_is_left_alone(
    data_folder: Path, start_user: Start
) -> None:
    user = start_user(data_folder)
    wait_until_ready(user)
    pid = server_pid(data_folder)

    stale_locks.disown(data_folder, data_folder / ".s.PGSQL.5432.lock")

    assert server_pid(data_folder) == pid
    leave(user)


@pytest.mark.parametrize("name", ["with space, and comma", "long" * 30])
def test_a_path_that_no_socket_may_have_gets_a_private_folder_for_it(
    tmp_path: Path, start_user: Start, name: str
) -> None:
    folder = tmp_path / name / "postgres"

    user = start_user(folder)
    wait_until_ready(user)

    sockets = socket_folder(folder)
    assert sockets != folder
    assert sockets.stat().st_mode & 0o077 == 0
    assert answers(folder)
    leave(user)


def test_a_forked_child_does_not_stop_its_parents_server(data_folder: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from promo.embedded.server import ensure_running, release
folder = Path(sys.argv[1])
ensure_running(folder)
if os.fork() == 0:
    release(folder)
    os._exit(0)
os.wait()
print((folder / "postmaster.pid").exists())
"""

    done = subprocess.run(
        [sys.executable, "-c", script, str(data_folder)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "True\n"
    assert not answers(data_folder)


def test_an_unfinished_data_folder_is_made_anew(
    data_folder: Path, start_user: Start
) -> None:
    half = data_folder.with_name("postgres.fresh")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    user = start_user(data_folder)

    wait_until_ready(user)
    assert not half.exists()
    leave(user)


def test_tcp_is_off_unless_a_port_is_asked_for(data_folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = """
import sys
from pathlib import Path
from promo.embedded.server import ensure_running
ensure_running(Path(sys.argv[1]), tcp_port=int(sys.argv[2]) or None)
import psycopg
with psycopg.connect(host=sys.argv[3], port=sys.argv[4], user="promo",
                     dbname="postgres") as connection:
    print(connection.execute("SHOW listen_addresses").fetchone()[0])
"""

    def listen_addresses(tcp: int, host: str) -> str:
        command = [sys.executable, "-c", script, str(data_folder), str(tcp)]
        return subprocess.run(
            [*command, host, str(tcp or 5432)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    assert not listen_addresses(0, str(socket_folder(data_folder)))
    assert listen_addresses(port, "127.0.0.1") == "127.0.0.1"


def test_asking_for_another_port_than_the_running_one_says_so(
    data_folder: Path, start_user: Start
) -> None:
    user = start_user(data_folder)
    wait_until_ready(user)
    script = """
import sys
from pathlib import Path
from promo.embedded.server import ensure_running
ensure_running(Path(sys.argv[1]), tcp_port=5999)
"""

    done = subprocess.run(
        [sys.executable, "-c", script, str(data_folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "already runs on port 5432, not on 5999" in done.stderr
    assert answers(data_folder)
    leave(user)


def test_the_server_keeps_commits_safe_and_speaks_utf8(
    data_folder: Path, start_user: Start
) -> None:
    user = start_user(data_folder)
    wait_until_ready(user)

    with connect(data_folder) as connection:
        values = [
            connection.execute(f"SHOW {name}").fetchone()
            for name in ("fsync", "synchronous_commit", "server_encoding")
        ]

    assert values == [("on",), ("on",), ("UTF8",)]
    leave(user)
