"""Ending programs between two pieces of work."""

import signal
import threading
from types import FrameType


def stopped_by_signals() -> threading.Event:
    """Return what SIGTERM and SIGINT set from now on."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping
