import fcntl
import json
import os
import socket
import urllib.request
from pathlib import Path

import pytest

from promo import broker
from promo.server.programs import web
from promo.server.serving import (
    AddressTaken,
    AlreadyServing,
    CannotServe,
    address,
    serve,
)
from tests.fixtures.serving import Serving, free_port
from tests.promo.metrics.counted import shown


def serve_in(data_folder: Path, *, port: int) -> None:
    serve(
        host="127.0.0.1",
        port=port,
        data_folder=data_folder,
        broker_url=broker.ADDRESS,
        prepare=lambda: pytest.fail("something was in the way"),
        say=print,
    )


def stop_here() -> str:
    raise CannotServe


def answer_of(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:  # noqa: S310 - our own
        answer: bytes = response.read()
    return answer


def test_serve_says_when_it_is_ready_answers_and_stops_cleanly(
    serving: Serving,
) -> None:
    assert answer_of(f"{serving.url}/healthz") == b'{"status": "ok"}'


def test_what_is_served_is_ready_and_all_its_processes_count_together(
    serving: Serving,
) -> None:
    ready = json.loads(answer_of(f"{serving.url}/readyz"))
    for _ in range(20):
        answer_of(f"{serving.url}/healthz")

    found = shown(answer_of(f"{serving.url}/metrics").decode())

    assert ready["status"] == "ready"
    # One was asked before all was said to be ready.
    assert found["promo_request_seconds_count", "GET", "/healthz", "2xx"] >= 21
    assert found["promo_request_seconds_count", "GET", "/readyz", "2xx"] == 1
    # Two of the web, and the worker.
    folder = Path(serving.environment["DATA_DIR"], "metrics")
    assert len(list(folder.glob("counter_*.db"))) >= 3


def test_counts_that_an_earlier_run_left_are_not_counted_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    left, other = tmp_path / "metrics" / "counter_1.db", tmp_path / "metrics" / "x"
    left.parent.mkdir()
    left.touch()
    other.touch()

    with pytest.raises(CannotServe):
        serve(
            host="127.0.0.1",
            port=free_port(),
            data_folder=tmp_path,
            broker_url=broker.ADDRESS,
            prepare=stop_here,
            say=print,
        )

    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path / "metrics")
    assert (left.exists(), other.exists()) == (False, True)


def test_a_second_serve_from_the_same_data_folder_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(AlreadyServing, match="already served"):
            serve_in(tmp_path, port=1)


def test_an_address_that_another_program_holds_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(AddressTaken, match=f"Cannot listen on 127.0.0.1:{port}"):
            serve_in(tmp_path, port=port)


def test_gunicorn_is_controlled_in_the_data_folder_where_its_path_fits() -> None:
    near, far = Path("/data"), Path("/", "deep" * 30)

    assert "--control-socket=/data/gunicorn.ctl" in web("::1", 80, near).command
    assert "--no-control-socket" in web("::1", 80, far).command


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104
        ("::", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("promo.example", "http://promo.example:80"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, expected: str) -> None:
    assert address(host, 80) == expected
