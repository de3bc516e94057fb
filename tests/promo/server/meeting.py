"""A program that answers only when two processes of it are asked at once."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def application(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Wait for the other process, then answer with the number of this one."""
    place = Path(os.environ["MEETING_PLACE"])
    try:
        (place / "first").mkdir()
    except FileExistsError:
        (place / "door").open("wb").close()
    else:
        (place / "door").open("rb").close()
        (place / "first").rmdir()
    answer = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
