"""Applying given profile fields to a customer in memory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from customers.engine.profile import international_phone, merged_address
from customers.models import Customer
from promo.errors import InvalidPayload
from promo.metadata_schemas.known import changed_metadata
from promo.tenancy.models import Project

TEXTS = ("name", "description", "email")
DATES = ("birthdate", "birthday")
MAX_CITY = 255
_LIMITED = ("name", "email", "phone")
_LIMITS = {
    field.name: field.max_length
    for field in Customer._meta.concrete_fields
    if field.name in {*_LIMITED, "source_id"}
}


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
    given = given_profile(
        customer.project, values, address=customer.address, metadata=customer.metadata
    )
    for name, value in given.items():
        if getattr(customer, name) != value:
            setattr(customer, name, value)
            changed.append(name)
    if not changed:
        return []
    customer.updated_at = now
    return [*changed, "updated_at"]


def given_profile(
    project: Project,
    values: Mapping[str, Any],
    *,
    address: Mapping[str, Any] | None,
    metadata: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the given fields as they are stored, merged with what is known.

    ``address`` and ``metadata`` are those known. Anything but profile fields is
    ignored.

    Raises:
        InvalidPayload: a text is too long.
        MetadataRefused: the project's schema forbids the metadata.
    """
    given: dict[str, Any] = {
        name: values[name] or "" for name in TEXTS if name in values
    }
    given |= {name: values[name] for name in DATES if name in values}
    if "phone" in values:
        given["phone"] = international_phone(values["phone"] or "", project.dial_code)
    if "address" in values:
        given["address"] = merged_address(address, values["address"])
    if "metadata" in values:
        given["metadata"] = changed_metadata(
            project, "customer", metadata, values["metadata"]
        )
    for name in _LIMITED:
        _check_length(name, given.get(name, ""))
    _check_city(given.get("address"))
    return given


def _check_length(name: str, text: str) -> None:
    limit = _LIMITS[name]
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
