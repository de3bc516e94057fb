"""Messages as webhooks: passed on to the deliveries, which sign, retry and give up.

Source: platform specification, "Webhooks"; campaigns specification, "Distributions".
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from promo.ids import new_id
from promo.row_writer import RowWriter
from webhooks.channels import (
    Channel,
    ContentRefused,
    Message,
    Outcome,
    Recipient,
    Result,
)
from webhooks.channels.wording import PROJECT, voice_of
from webhooks.engine.headers import problem_of
from webhooks.engine.messages.payload import read_payload, render_payload
from webhooks.engine.messages.placeholders import BrokenTemplate
from webhooks.engine.targets import NotAllowed, check_address, read_target
from webhooks.models import Delivery, DistributionMessage, MessageState, Webhook
from webhooks.services.fan_out import wake_senders

Json = dict[str, Any]
LONGEST_NAME, LONGEST_DESIGN = 100, 20_000
_HEADER = re.compile(r"[a-z0-9-]{1,100}")
_KNOWN = ("target_url", "headers", "type", "payload", "raw")
_DELIVERIES, _MESSAGES = RowWriter(Delivery), RowWriter(DistributionMessage)
_PASSED_ON = Outcome(Result.PASSED_ON)


class WebhookChannel(Channel):
    """Posts what happened to a URL of the distribution.

    The content has a ``target_url``, ``headers`` with names in lower case, the ``type``
    that the envelope says, and a ``payload``: the text of a JSON value with
    placeholders, which becomes the ``data``, or with ``raw`` the whole body.
    """

    kind = "WEBHOOK"
    missing_address = "no_target"

    def check(self, content: Mapping[str, Any], known: Collection[str] = ()) -> Json:
        """Return the content as it is kept; what says nothing is left out."""
        for name in content:
            if name not in _KNOWN:
                raise ContentRefused(f".{name}", "is not known here")
        kept: Json = {"target_url": _target(content.get("target_url"))}
        headers = _headers(_said(content, "headers", otherwise={}))
        name = _said(content, "type", otherwise="")
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            problem = f"must be a text of at most {LONGEST_NAME} characters"
            raise ContentRefused(".type", problem)
        design = _design(_said(content, "payload", otherwise=""), known)
        raw = _said(content, "raw", otherwise=False)
        if not isinstance(raw, bool):
            raise ContentRefused(".raw", "must be boolean")
        if raw and not design:
            raise ContentRefused(".raw", "needs a payload, which is the whole body")
        said = {"headers": headers, "type": name, "payload": design, "raw": raw}
        return kept | {key: value for key, value in said.items() if value}

    def address_of(self, customer: Recipient, content: Mapping[str, Any]) -> str:
        """Return the target, whoever it is about."""
        return str(content["target_url"])

    def render(
        self, content: Mapping[str, Any], context: Mapping[str, Any], language: str
    ) -> Message:
        """Return a message whose body says what the envelope is made of."""
        design = content.get("payload")
        data = {name: value for name, value in context.items() if name != PROJECT}
        if design:
            data = render_payload(read_payload(design), context, voice_of(context))
        body = {"data": data, "type": content.get("type", "")}
        return Message(body=body | ({"raw": True} if content.get("raw") else {}))

    @transaction.atomic
    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """Owe the webhooks of the distributions a sendout of each message.

        A fixed number of statements. What has been passed on already, or is over,
        is not passed on again.
        """
        sent = {each.id: each for each in messages}
        rows = DistributionMessage.objects.waiting().filter(pk__in=sent).order_by("pk")
        found = list(rows.select_for_update(no_key=True))
        endpoints = {
            each.distribution_id: each
            for each in Webhook.objects.filter(
                distribution__in={row.distribution_id for row in found}
            )
        }
        # Of one whose channel is taken away right now, nothing is passed on: it is
        # called off when its claim has run out.
        held = [row for row in found if row.distribution_id in endpoints]
        for row in held:
            row.state, row.claimed_until = MessageState.SENDING, None
            row.sent = {"body": sent[row.pk].body}
        if held:
            _MESSAGES.update(held, ("state", "claimed_until", "sent"))
            owed = [_sendout(row, endpoints[row.distribution_id], now) for row in held]
            _DELIVERIES.insert_new(owed)
            wake_senders()
        return [_PASSED_ON for _ in messages]


def _sendout(row: DistributionMessage, endpoint: Webhook, now: datetime) -> Delivery:
    """Return the unstored sendout of a message; those of a customer go in turn."""
    return Delivery(
        id=new_id("whs_"),
        project_id=row.project_id,
        webhook=endpoint,
        message=row,
        event_id=f"ev_{row.pk.removeprefix('dmsg_')}",
        event_created_at=row.event_created_at,
        type=row.event_type,
        key=row.customer_id,
        due_at=now,
        created_at=now,
    )


def _said(content: Mapping[str, Any], name: str, *, otherwise: Any) -> Any:
    """Return what a content says, null counting as nothing."""
    value = content.get(name)
    return otherwise if value is None else value


def _target(url: Any) -> str:
    if not isinstance(url, str) or not url:
        raise ContentRefused(".target_url", "must be string")
    try:
        target = read_target(url)
        if target.literal is not None:
            check_address(target.literal, settings.WEBHOOK_ALLOWED_NETWORKS)
    except NotAllowed as refused:
        raise ContentRefused(".target_url", str(refused)) from refused
    return url


def _headers(headers: Any) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        raise ContentRefused(".headers", "must be object")
    for name, value in headers.items():
        if not isinstance(value, str):
            raise ContentRefused(f".headers.{name}", "must be string")
        if not _HEADER.fullmatch(name):
            problem = f"must have names of a-z, 0-9 and dashes, {name} is none"
            raise ContentRefused(".headers", problem)
    problem = problem_of(headers) or ""
    if problem:
        raise ContentRefused(".headers", problem)
    return dict(headers)


def _design(design: Any, known: Collection[str]) -> str:
    if not isinstance(design, str) or len(design) > LONGEST_DESIGN:
        problem = f"must be a text of at most {LONGEST_DESIGN} characters"
        raise ContentRefused(".payload", problem)
    if design:
        try:
            read_payload(design, known)
        except BrokenTemplate as broken:
            raise ContentRefused(f".payload{broken.path}", str(broken)) from broken
    return design
