"""Sending what is due: claimed in turns, sent by threads, recorded together.

1. Take as much as there are free places, each webhook its share.
2. Make bodies and signatures, and hand them to threads; no transaction is open.
3. Record whatever has come back meanwhile with one transaction, and begin again.

Whoever is killed in between leaves claims that run out: the same sendouts then go out
once more, with the same ids.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.conf import settings

from webhooks.services.claiming import Prepared, claim, prepare
from webhooks.services.recording import record
from webhooks.services.sending import Call, Outcome, Sender

#: How often somebody looks whether an attempt has used up its time.
_GLANCE = 0.25

_Running = dict["Future[Outcome]", tuple[Prepared, Call]]


def deliver_due(*, clock: Callable[[], datetime], at_most: timedelta) -> int:
    """Send what is due until nothing is, or for ``at_most``; return how much was sent.

    ``clock`` is read anew for every round.
    """
    places = settings.WEBHOOK_THREADS
    until, sent = clock() + at_most, 0
    sender = Sender(connections=places)
    running: _Running = {}
    with ThreadPoolExecutor(max_workers=places) as pool:
        try:
            while True:
                now = clock()
                if now < until:
                    _begin(sender, pool, running, places - len(running), now)
                if not running:
                    return sent
                sent += _gather(running, clock)
        finally:
            sender.close()


def _begin(
    sender: Sender,
    pool: ThreadPoolExecutor,
    running: _Running,
    places: int,
    now: datetime,
) -> None:
    if places <= 0:
        return
    for each in prepare(claim(places, now=now), now=now):
        call = Call()
        begun = pool.submit(
            sender.send, each.url, each.body, each.headers, call=call, now=now
        )
        running[begun] = (each, call)


def _gather(running: _Running, clock: Callable[[], datetime]) -> int:
    """Record what has come back; return how much."""
    done, _ = wait(running, timeout=_GLANCE, return_when=FIRST_COMPLETED)
    for _, call in running.values():
        call.cut_if_overdue()
    if done:
        record([(running.pop(each)[0], each.result()) for each in done], now=clock())
    return len(done)
