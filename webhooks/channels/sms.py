"""Text messages, handed to the adapter that the settings name."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

from webhooks.channels import (
    Message,
    Outcome,
    Recipient,
)
from webhooks.channels.wording import WordedChannel, voice_of, wanted_by
from webhooks.engine.messages.content import Problem, sms_for, sms_problems

_DECORATION = re.compile(r"[\s().\-/]")
_NUMBER = re.compile(r"\+?[0-9]{5,15}")


class SmsAdapter:
    """How text messages get to phones: one class, named by ``SMS_ADAPTER``.

    Whoever brings a provider of their own subclasses this one and names the class by
    its dotted path. Instances hold no state of a message: one serves all threads.
    """

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """Hand on messages, each with ``id``, ``to`` and ``text``.

        It returns what came of each, in their order, and raises nothing for what may
        go wrong with one of them: FAILED is tried again, REFUSED is not.
        """
        raise NotImplementedError


class SmsChannel(WordedChannel):
    """Plain text to the customer's phone."""

    kind: ClassVar[str] = "SMS"
    consent: ClassVar[str] = "SMS"
    missing_address: ClassVar[str] = "no_phone"

    def problems_of(
        self, content: Mapping[str, Any], known: Collection[str]
    ) -> list[Problem]:
        """Return what is wrong with the content."""
        return sms_problems(content, known)

    def address_of(self, customer: Recipient, content: Mapping[str, Any]) -> str:
        """Return the number without blanks and the like, empty where it is none."""
        number = _DECORATION.sub("", customer.phone)
        if number.startswith("00"):
            number = f"+{number[2:]}"
        return number if _NUMBER.fullmatch(number) else ""

    def render(
        self, content: Mapping[str, Any], context: Mapping[str, Any], language: str
    ) -> Message:
        """Return the text message."""
        taken, text = sms_for(
            content,
            context,
            wanted=wanted_by(context, language),
            voice=voice_of(context),
        )
        return Message(text=text, language=taken)

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """Hand the messages to the adapter."""
        return _adapter(settings.SMS_ADAPTER).send(messages, now=now)


@cache
def _adapter(path: str) -> SmsAdapter:
    found: type[SmsAdapter] = import_string(path)
    return found()
