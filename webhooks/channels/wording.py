"""In whose words messages are written: language, currency and time zone."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from webhooks.engine.messages.languages import languages_of
from webhooks.engine.messages.values import Voice

#: Where a context says how its project counts; it is no part of what happened.
PROJECT = "project"


def voice_of(context: Mapping[str, Any]) -> Voice:
    """Return how values are written: as the ``project`` of the context counts."""
    project = context.get(PROJECT) or {}
    zone = ZoneInfo(project.get("timezone") or "UTC")
    return Voice(currency=project.get("currency") or "USD", zone=zone)


def wanted_by(context: Mapping[str, Any], language: str) -> list[str]:
    """Return the languages that the customer reads, the given one first."""
    said = languages_of(context.get("customer") or {})
    return [language, *said] if language else said
