"""What every test relies on: a database, a cache of its own and no network."""

import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from promo.embedded.startup import start_if_used
from promo.tenancy import stamp

pytest_plugins = [
    "tests.fixtures.api",
    "tests.fixtures.calls",
    "tests.fixtures.events",
    "tests.fixtures.mail_server",
    "tests.fixtures.kafka",
    "tests.fixtures.receiver",
    "tests.fixtures.serving",
    "tests.fixtures.severed",
    "tests.fixtures.written",
]

_REACHABLE = frozenset({"127.0.0.1", "::1", "localhost"})


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Start or join the embedded server; each worker makes its own database in it."""
    start_if_used()


@pytest.fixture(autouse=True, scope="session")
def _own_cache(
    worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Give each worker its own keys where they share one Redis, or its own file.

    A change that one worker commits would have another one read its keys anew.
    """
    cache.key_prefix = f"test-{worker_id}"
    usual, shared = stamp._file, settings.DATA_DIR  # noqa: SLF001 - what is replaced
    own = tmp_path_factory.mktemp("stamp") / "tenancy.stamp"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            stamp, "_file", lambda: own if shared == settings.DATA_DIR else usual()
        )
        yield


@pytest.fixture(autouse=True, scope="session")
def _files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let pages name static files uncollected, and keep files of our own apart."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("files"),
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _signals_are_heard() -> None:
    """Let signals end programs, whatever started the suite: nohup, or ``&``."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Let nothing but this machine be reached, nor its name looked up."""
    with pytest.MonkeyPatch.context() as patch:
        connect, look_up = socket.socket.connect, socket.getaddrinfo

        def guarded_connect(self: socket.socket, address: Any) -> None:
            if isinstance(address, tuple) and address[0] not in _REACHABLE:
                pytest.fail(f"A test reached out to {address[0]}.")
            connect(self, address)

        def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
            if host not in _REACHABLE and host is not None:
                raise socket.gaierror(socket.EAI_NONAME, f"{host} is not looked up")
            return look_up(host, *rest, **named)

        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield
