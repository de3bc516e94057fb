"""Two ways for text messages: an HTTP gateway, and files to look at."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings

import webhooks.services.sending as http
from webhooks.channels import Message, Outcome, Result
from webhooks.channels.sms import SmsAdapter

_OK, _CLIENT_ERRORS = range(200, 300), range(400, 500)
#: Answers that speak of the moment, not of the message.
_LATER = frozenset((401, 403, 404, 405, 408, 425, 429))
_AT_ONCE = 8


class HttpGateway(SmsAdapter):
    """Posts each message as JSON to ``SMS_GATEWAY_URL``.

    ``{"id", "to", "from", "text"}``, with ``SMS_GATEWAY_TOKEN`` as the bearer and the
    id as ``idempotency-key``. Any answer from 200 to 299 within 10 seconds is a
    success. It may lead only where webhooks may.
    """

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """Post some at a time; answers that refuse a message are not tried again."""
        return asyncio.run(_all_posted(messages, now))


class Folder(SmsAdapter):
    """Writes each message into a file, for whoever tries things out.

    The files lie in the folder ``sms`` of ``DATA_DIR``, named by the message's id.
    """

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """Write the files; a folder that cannot be written to is tried again."""
        return [self._write(each) for each in messages]

    def _write(self, message: Message) -> Outcome:
        folder = Path(settings.DATA_DIR) / "sms"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = folder / f"{message.id}.txt"
            file.write_text(f"To: {message.to}\n\n{message.text}\n", encoding="utf-8")
        except OSError as failed:
            return Outcome(
                Result.FAILED, f"The file was not written: {failed.strerror}"
            )
        return Outcome(Result.SENT)


async def _all_posted(messages: Sequence[Message], now: datetime) -> list[Outcome]:
    sender, places = http.Sender(connections=_AT_ONCE), asyncio.Semaphore(_AT_ONCE)

    async def posted(message: Message) -> Outcome:
        async with places:
            return await _posted(sender, message, now)

    try:
        return await asyncio.gather(*map(posted, messages))
    finally:
        await sender.close()


async def _posted(sender: http.Sender, message: Message, now: datetime) -> Outcome:
    if not settings.SMS_GATEWAY_URL:
        return Outcome(Result.FAILED, "No gateway is set up: SMS_GATEWAY_URL is empty")
    told = {
        "id": message.id,
        "to": message.to,
        "from": settings.SMS_SENDER,
        "text": message.text,
    }
    headers = {"content-type": "application/json", "idempotency-key": message.id}
    if settings.SMS_GATEWAY_TOKEN:
        headers["authorization"] = f"Bearer {settings.SMS_GATEWAY_TOKEN}"
    came = await sender.send(
        settings.SMS_GATEWAY_URL,
        json.dumps(told, ensure_ascii=False),
        headers,
        now=now,
    )
    return _outcome(came)


def _outcome(came: http.Outcome) -> Outcome:
    status = came.status_code
    if status is None:
        return Outcome(Result.FAILED, f"The gateway: {came.error}")
    if status in _OK:
        return Outcome(Result.SENT)
    final = status in _CLIENT_ERRORS and status not in _LATER
    return Outcome(
        Result.REFUSED if final else Result.FAILED, f"The gateway answered {status}"
    )
