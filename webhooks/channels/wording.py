"""In whose words messages are written: language, currency and time zone."""

from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from webhooks.channels import Channel, ContentRefused, Json
from webhooks.engine.messages.content import Problem, in_full
from webhooks.engine.messages.languages import languages_of
from webhooks.engine.messages.values import Voice

#: Where a context says how its project counts; it is no part of what happened.
PROJECT = "project"


class WordedChannel(Channel):
    """A channel whose contents are words, in the languages of those who read them."""

    def problems_of(
        self, content: Mapping[str, Any], known: Collection[str]
    ) -> list[Problem]:
        """Return what is wrong with a content; see ``engine.messages.content``."""
        raise NotImplementedError

    def check(self, content: Mapping[str, Any], known: Collection[str] = ()) -> Json:
        """Return the content with its languages."""
        for problem in self.problems_of(content, known):
            raise ContentRefused(problem.path, problem.words)
        return in_full(content)


def voice_of(context: Mapping[str, Any]) -> Voice:
    """Return how values are written: as the ``project`` of the context counts."""
    project = context.get(PROJECT) or {}
    zone = ZoneInfo(project.get("timezone") or "UTC")
    return Voice(currency=project.get("currency") or "USD", zone=zone)


def wanted_by(context: Mapping[str, Any], language: str) -> list[str]:
    """Return the languages that the customer reads, the given one first."""
    said = languages_of(context.get("customer") or {})
    return [language, *said] if language else said
