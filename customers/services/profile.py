"""Applying given profile fields to a customer in memory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from customers.engine.profile import international_phone, merged_address
from customers.models import Customer
from promo.errors import InvalidPayload
from promo.metadata_schemas.known import changed_metadata

TEXTS = ("name", "description", "email")
DATES = ("birthdate", "birthday")
MAX_CITY = 255


def check_source_id(source_id: str) -> None:
    """Refuse a source id that the column has no room for.

    Raises:
        InvalidPayload: it is too long.
    """
    _check_length("source_id", source_id)


def change_profile(
    customer: Customer, values: Mapping[str, Any], *, now: datetime
) -> list[str]:
    """Set what ``values`` gives and return the names of the fields to store.

    Anything but profile fields is ignored. ``updated_at`` moves only with a change;
    the empty list means that there was none.

    Raises:
        InvalidPayload: a text is too long.
        MetadataRefused: the project's schema forbids the metadata.
    """
    changed = []
    for name, value in _given(customer, values).items():
        if getattr(customer, name) != value:
            setattr(customer, name, value)
            changed.append(name)
    if not changed:
        return []
    customer.updated_at = now
    return [*changed, "updated_at"]


def _given(customer: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new values of the given fields, merged with the stored ones."""
    given: dict[str, Any] = {
        name: values[name] or "" for name in TEXTS if name in values
    }
    given |= {name: values[name] for name in DATES if name in values}
    if "phone" in values:
        code = customer.project.dial_code
        given["phone"] = international_phone(values["phone"] or "", code)
    if "address" in values:
        given["address"] = merged_address(customer.address, values["address"])
    if "metadata" in values:
        given["metadata"] = changed_metadata(
            customer.project, "customer", customer.metadata, values["metadata"]
        )
    for name in (*TEXTS, "phone"):
        _check_length(name, given.get(name, ""))
    _check_city(given.get("address"))
    return given


def _check_length(name: str, text: str) -> None:
    limit = getattr(Customer._meta.get_field(name), "max_length", None)
    if limit is not None and len(text) > limit:
        details = f"Property .{name} must not be longer than {limit} characters"
        raise InvalidPayload(details)


def _check_city(address: Mapping[str, Any] | None) -> None:
    # The city is indexed, and an index row has a bounded size.
    if len(str((address or {}).get("city") or "")) > MAX_CITY:
        details = (
            f"Property .address.city must not be longer than {MAX_CITY} characters"
        )
        raise InvalidPayload(details)
