"""Running things at the same moment, each on a connection of its own."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connection

from promo.errors import PromoError


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Return what each of ``works`` returned, or the key with which it was refused."""
    start, outcomes = Barrier(len(works)), []

    def run(work: Callable[[], Any]) -> None:
        start.wait()
        try:
            outcomes.append(work())
        except PromoError as refused:
            outcomes.append(refused.key)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
