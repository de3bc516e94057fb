"""How given profile fields change stored ones: merging, without any storage."""

import re
from collections.abc import Mapping
from typing import Any

ADDRESS_KEYS = ("city", "state", "line_1", "line_2", "country", "postal_code")

_INTERNATIONAL = re.compile(r"\s*(\+|00)")


def merged_metadata(
    stored: Mapping[str, Any], given: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return metadata after ``given`` was sent.

    Top-level keys are merged, a null stays a null; None empties the object.

    Source: data specification, "Identity and upsert".
    """
    return {} if given is None else {**stored, **given}


def merged_address(
    stored: Mapping[str, Any] | None, given: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return an address after ``given`` was sent; None clears it.

    Source: data specification, "Identity and upsert".
    """
    if given is None:
        return None
    known = {key: value for key, value in given.items() if key in ADDRESS_KEYS}
    return {**(stored or {}), **known} or None


def international_phone(phone: str, dial_code: str) -> str:
    """Return ``phone`` with the project's dialling prefix where it has none.

    Source: data specification, "Customers, Fields".
    """
    if not phone.strip() or not dial_code or _INTERNATIONAL.match(phone):
        return phone
    return f"{dial_code} {phone.strip()}"
