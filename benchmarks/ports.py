"""Ports of this machine: a free one, and waiting for somebody to listen."""

import socket
import time


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 30) -> None:
    """Return once somebody listens on ``port``.

    Raises:
        TimeoutError: nobody does for so many seconds.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    msg = f"nobody listens on {port}"
    raise TimeoutError(msg)
