"""Tracking ids: a customer's source id, encoded so that browsers may carry it."""

import base64
import binascii

from promo.errors import BadRequest

PREFIX = "track_"
_TWO_PEOPLE = (
    "The customer cannot be identified as two different identifiers have been used "
    "between requests from same origin."
)


def encode(source_id: str) -> str:
    """Return the tracking id of a source id; the same one every time."""
    text = base64.urlsafe_b64encode(source_id.encode()).decode()
    return PREFIX + text.rstrip("=")


def decode(identifier: str) -> str:
    """Return the source id behind an identifier; a raw one stands for itself."""
    if not identifier.startswith(PREFIX):
        return identifier
    text = identifier[len(PREFIX) :]
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return identifier
    return plain if encode(plain) == identifier and plain else identifier


def same_person(source_id: str | None, tracking_id: str | None) -> str | None:
    """Return the one source id that both name; None when neither is given.

    Raises:
        BadRequest: they name two people (``ambiguous_tracking_id``).

    Source: engine specification, "Validation".
    """
    named = [decode(text) for text in (source_id, tracking_id) if text]
    if len(set(named)) > 1:
        message = f"Ambiguous trackingId ('{source_id}' vs. '{tracking_id}')"
        raise BadRequest("ambiguous_tracking_id", message, _TWO_PEOPLE)
    return named[0] if named else None
