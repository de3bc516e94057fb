"""Sending what is due: taken in portions, asked anew, counted, given, told.

1. Take some messages; they are ours for a while (``claiming``).
2. Ask whether each still is to go out: the customer, conditions, consents
   (``situations``, ``webhooks.engine.distributions.judging``).
3. Count it against the limits (``admitting``), and give the code (``publishing``).
4. Make the message and hand it to its channel; no transaction is open.
5. Write down what came of it (``settling``), and begin again.

Whoever is killed in between leaves claims that run out. The same messages are then
taken once more: they are not counted twice, the code is the same one, and they have the
same ids.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from promo.durations import Duration, add
from promo.tenancy.models import Project
from webhooks.channels import Channel, Message, channel_kinds, channel_of
from webhooks.engine.distributions.admission import CEILING
from webhooks.engine.distributions.definition import NOTIFY_PROMOTION, PUBLISH_CODES
from webhooks.engine.distributions.judging import (
    SEND,
    Course,
    Situation,
    Verdict,
    Way,
    judge_occasion,
    judge_way,
)
from webhooks.models import DistributionMessage, MessageState
from webhooks.services.distributions.admitting import admit_occasions, give_back
from webhooks.services.distributions.claiming import claim
from webhooks.services.distributions.composing import (
    context_of,
    data_of,
    offers_of,
)
from webhooks.services.distributions.publishing import Given, NotGiven, give_code
from webhooks.services.distributions.settling import Settlement, of_outcome, settle
from webhooks.services.distributions.situations import (
    Occasion,
    occasions_of,
    recipient_of,
    situations_of,
)

#: So many messages are taken at once.
PORTION = 100
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message that is made, with the row it is written down in."""

    row: DistributionMessage
    message: Message
    publication_id: str


def send_due(*, clock: Callable[[], datetime], at_most: timedelta) -> int:
    """Deal with what is due until nothing is, or for ``at_most``; return how many.

    ``clock`` is read anew for every portion.
    """
    until, dealt = clock() + at_most, 0
    while (now := clock()) < until:
        claimed = claim(PORTION, now=now)
        if not claimed:
            break
        dealt += len(claimed)
        ordered = sorted(claimed, key=lambda each: (each.project_id, each.leader_id))
        for _, mine in groupby(ordered, key=lambda each: each.project_id):
            messages = list(mine)
            project = messages[0].distribution.project
            _send(project, messages, now=now)
    return dealt


def _send(
    project: Project, messages: Sequence[DistributionMessage], *, now: datetime
) -> None:
    occasions = occasions_of(project, messages)
    found = situations_of(project, occasions, now=now)
    settled: list[Settlement] = []
    wanted = _wanted(occasions, found, settled)
    refused = admit_occasions(project, wanted, now=now) if wanted else {}
    admitted = []
    for each in wanted:
        reason = refused.get(each.leader_id)
        if reason is None:
            admitted.append(each)
        else:
            settled += _turned_away(project, each, reason, now)
    offers = _offers(project, admitted, settled, now)
    ready = [
        each
        for occasion in admitted
        if occasion.leader_id in offers
        for each in _made(occasion, *offers[occasion.leader_id])
    ]
    # What is not sent is over before anything goes out, whatever happens then.
    settle(settled, now=now)
    _hand_over(ready, now=now)


def _wanted(
    occasions: Sequence[Occasion],
    found: dict[str, Situation],
    settled: list[Settlement],
) -> list[Occasion]:
    """Return what is to go out, each with the messages that may be sent."""
    wanted = []
    for each in occasions:
        situation = found[each.leader_id]
        verdicts = verdicts_on(each, situation)
        left = []
        for row in each.messages:
            verdict = verdicts[row.pk]
            if verdict == SEND:
                left.append(row)
            else:
                settled.append(_dropped(row, verdict))
        if left:
            wanted.append(replace(each, messages=left))
    return wanted


def verdicts_on(occasion: Occasion, found: Situation) -> dict[str, Verdict]:
    """Return what becomes of each message of an occasion, by its id."""
    rows = occasion.messages
    if occasion.event is None:
        gone = Verdict(Course.CANCEL, "event_gone")
        return {row.pk: gone for row in rows}
    about = occasion.distribution
    verdict = judge_occasion(about.trigger, about.conditions, about.cancel_if, found)
    if verdict != SEND:
        return {row.pk: verdict for row in rows}
    return {row.pk: _judged(occasion, row.channel, found) for row in rows}


def _judged(occasion: Occasion, kind: str, found: Situation) -> Verdict:
    designed = design_of(occasion, kind)
    if designed is None:
        return Verdict(Course.CANCEL, "channel_gone")
    channel = channel_of(kind)
    person = recipient_of(occasion.person)
    way = Way(
        address=channel.address_of(person, designed["content"]),
        missing=channel.missing_address,
        consent=channel.consent,
        consent_id=designed.get("consent_id", ""),
    )
    return judge_way(way, found)


def design_of(occasion: Occasion, kind: str) -> Json | None:
    """Return what the distribution says of a channel, None for nothing any more."""
    if kind not in channel_kinds():
        return None
    channels = occasion.distribution.channels
    return next((each for each in channels if each["type"] == kind), None)


def _dropped(row: DistributionMessage, verdict: Verdict) -> Settlement:
    return Settlement(message=row, state=verdict.course.value, reason=verdict.reason)


def _turned_away(
    project: Project, occasion: Occasion, reason: str, now: datetime
) -> list[Settlement]:
    """Skip what a limit has no room for; what the ceiling stops waits for tomorrow."""
    if reason != CEILING:
        return [
            Settlement(message=row, state=MessageState.SKIPPED, reason=reason)
            for row in occasion.messages
        ]
    tomorrow = add(_midnight(project, now), Duration(days=1), project.zone)
    return [
        Settlement(
            message=row, state=MessageState.WAITING, reason=reason, due_at=tomorrow
        )
        for row in occasion.messages
    ]


def _midnight(project: Project, now: datetime) -> datetime:
    wall = now.astimezone(project.zone)
    return wall.replace(hour=0, minute=0, second=0, microsecond=0)


def _offers(
    project: Project,
    occasions: Sequence[Occasion],
    settled: list[Settlement],
    now: datetime,
) -> dict[str, tuple[Json, str]]:
    """Return what each occasion offers, and the publication's id, by leading message.

    One that has nothing to offer is settled, and counts no more.
    """
    told = offers_of(project, [each.distribution for each in occasions])
    found: dict[str, tuple[Json, str]] = {}
    unsent = []
    for each in occasions:
        try:
            found[each.leader_id] = _offer(project, each, told, now)
        except NotGiven as refusal:
            unsent.append(each)
            state = MessageState.FAILED if refusal.is_failure else MessageState.SKIPPED
            settled += [
                Settlement(message=row, state=state, reason=refusal.reason)
                for row in each.messages
            ]
    give_back(project, unsent, now=now)
    return found


def _offer(
    project: Project, occasion: Occasion, told: dict[str, Json], now: datetime
) -> tuple[Json, str]:
    kind = occasion.distribution.action["type"]
    if kind == PUBLISH_CODES:
        given: Given = give_code(project, occasion, now=now)
        return given.told, given.publication_id
    if kind == NOTIFY_PROMOTION and occasion.distribution.pk not in told:
        raise NotGiven("promotion_gone", is_failure=True)
    return told.get(occasion.distribution.pk, {}), ""


def _made(occasion: Occasion, offer: Json, publication_id: str) -> list[_Ready]:
    if occasion.event is None:
        return []
    person = recipient_of(occasion.person)
    data = data_of(occasion.event.type, occasion.event.data, person, offer)
    context = context_of(occasion.distribution.project, data)
    made = []
    for row in occasion.messages:
        designed = design_of(occasion, row.channel) or {"content": {}}
        channel = channel_of(row.channel)
        message = channel.render(designed["content"], context, person.language)
        addressed = replace(
            message,
            id=row.pk,
            project_id=row.project_id,
            distribution_id=row.distribution_id,
            to=channel.address_of(person, designed["content"]),
        )
        made.append(_Ready(row, addressed, publication_id))
    return made


def _hand_over(ready: Sequence[_Ready], *, now: datetime) -> None:
    """Give messages to their channels; write down what came of them, kind by kind."""
    ordered = sorted(ready, key=lambda each: each.row.channel)
    for kind, mine in groupby(ordered, key=lambda each: each.row.channel):
        _hand_to(channel_of(kind), list(mine), now)


def _hand_to(channel: Channel, ready: Sequence[_Ready], now: datetime) -> None:
    outcomes = channel.send([each.message for each in ready], now=now)
    settled = [
        of_outcome(
            each.row,
            outcome,
            sent=each.message.as_kept(),
            recipient=each.message.to,
            publication_id=each.publication_id,
            now=now,
        )
        for each, outcome in zip(ready, outcomes, strict=True)
    ]
    settle([each for each in settled if each is not None], now=now)
