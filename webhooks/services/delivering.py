"""Sending what is due: claimed ahead, sent side by side, recorded together.

1. Claim somewhat more than can be under way, each webhook its share.
2. Make bodies and signatures, and put them into lanes; no transaction is open.
3. Record whatever has come back meanwhile with one transaction, and begin again.

Whoever is killed in between leaves claims that run out: the same sendouts then go out
once more, with the same ids.
"""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from webhooks.services.claiming import claim, prepare
from webhooks.services.lanes import Lanes
from webhooks.services.recording import hand_back, record
from webhooks.services.sending import Sender

#: So many sendouts are claimed for each that may be under way.
AHEAD = 8
#: So long whoever makes bodies and records may keep the loop from what has come back.
_TURN = 0.0005
#: So long what has come back waits for others, to be recorded together.
_MOMENT = 0.05


def deliver_due(*, clock: Callable[[], datetime], at_most: timedelta) -> int:
    """Send what is due until nothing is, or for ``at_most``; return how much was sent.

    ``clock`` is read anew for every round.
    """
    at_once, abreast = settings.WEBHOOK_AT_ONCE, settings.WEBHOOK_CONCURRENCY
    places, each = at_once * AHEAD, abreast * AHEAD
    until, sent = clock() + at_most, 0
    sender = Sender(connections=at_once)
    lanes = Lanes(sender, clock, at_once=at_once, abreast=abreast)
    patience = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        while True:
            now = clock()
            if now >= until:
                lanes.clear()
            elif room := lanes.room(places, each=each):
                claimed = claim(room, each=each, now=now)
                lanes.add(prepare(claimed, now=now))
            if not lanes.size:
                return sent
            sent += _settle(lanes, clock)
    finally:
        sys.setswitchinterval(patience)
        lanes.close()


def _settle(lanes: Lanes, clock: Callable[[], datetime]) -> int:
    """Record what has come back; return how much was sent."""
    left = lanes.leaving(patience=_MOMENT)
    tried = [(one.prepared, one.outcome) for one in left if one.outcome is not None]
    untried = [one.prepared for one in left if one.outcome is None]
    if tried:
        record(tried, now=clock())
    if untried:
        hand_back(untried)
    return len(tried)
