"""Commands, web and worker leave no server behind, however they are ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.promo.embedded.conftest import Start, answers, leave, wait_until_ready

_WAIT = "import sys; print('ready', flush=True); sys.stdin.read()"
_WEB = "import promo.wsgi; "
_WORKER = """
import promo.celery
from celery.signals import worker_init
worker_init.send(None)
"""


def start(data_folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    own = {"DATA_DIR": str(data_folder.parent), "DATABASE_URL": ""}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | own,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_told_to_end_stops_its_server_and_says_nothing(
    data_folder: Path, number: signal.Signals
) -> None:
    command = start(data_folder, "manage.py", "shell", "-v", "0", "-c", _WAIT)
    wait_until_ready(command)

    command.send_signal(number)

    _, complaints = command.communicate(timeout=60)
    assert complaints == ""
    assert command.returncode == 128 + number
    assert not answers(data_folder)


@pytest.mark.parametrize("program", [_WEB, _WORKER])
def test_web_and_worker_stop_the_server_that_a_killed_supervisor_left(
    data_folder: Path, start_user: Start, program: str
) -> None:
    supervisor = start_user(data_folder)
    wait_until_ready(supervisor)
    served = start(data_folder, "-c", program + _WAIT)
    wait_until_ready(served)

    supervisor.kill()
    supervisor.wait()

    assert answers(data_folder)
    leave(served)
    assert not answers(data_folder)
