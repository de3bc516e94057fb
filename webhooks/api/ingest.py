"""What records of the event bus ask for: the commands of the REST API.

Source: integrations specification, "Subscribing".
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings

from campaigns.api.custom_events import EventInput, event_of
from campaigns.api.products import ProductInput, SkuInput, find_product
from campaigns.services.custom_event import track_event
from campaigns.services.product import create_product
from campaigns.services.sku import create_sku
from customers.api.customers import CustomerInput
from customers.services.customer import create_customer
from customers.services.erasure import erase_customer
from promo.api.reading import read_body
from promo.errors import InvalidPayload, ResourceNotFound
from promo.tenancy.models import Project
from redemptions.api.orders import OrderInput
from redemptions.services.order import create_order


def take(project: Project, kind: str, data: Any, *, key: str, now: datetime) -> None:
    """Do what a record asks for, in the caller's transaction.

    ``kind`` is one of ``INGEST_KINDS``, ``key`` the record's own. Data of None stands
    for a record without a value.

    Raises:
        PromoError: as the same body sent to the REST API.
    """
    _COMMANDS[kind](project, data, key, now)


def _customer(project: Project, data: Any, key: str, now: datetime) -> None:
    if data is None:
        _erase(project, key, now)
        return
    values = read_body(data, CustomerInput)
    _require_source_id(values)
    create_customer(project=project, now=now, **values)


def _erase(project: Project, key: str, now: datetime) -> None:
    if not settings.KAFKA_INGEST_ERASES:
        raise InvalidPayload("Records without a value are not taken here")
    if not key:
        raise InvalidPayload("The key must be the source id of a customer")
    # Nobody of that name is nobody to forget.
    with suppress(ResourceNotFound):
        erase_customer(project, key, now=now)


def _order(project: Project, data: Any, _: str, now: datetime) -> None:
    values = read_body(data, OrderInput)
    _require_source_id(values)
    create_order(project=project, now=now, **values)


def _product(project: Project, data: Any, _: str, now: datetime) -> None:
    if isinstance(data, Mapping) and data.get("object") == "sku":
        _sku(project, data, now)
        return
    values = read_body(data, ProductInput)
    _require_source_id(values)
    create_product(project=project, now=now, **values)


def _sku(project: Project, data: Mapping[str, Any], now: datetime) -> None:
    values = read_body(data, SkuInput)
    _require_source_id(values)
    inner = data.get("product")
    named = inner.get("source_id") if isinstance(inner, Mapping) else None
    reference = data.get("product_id") or named
    if not isinstance(reference, str):
        raise InvalidPayload("A SKU must have product_id or product.source_id")
    product = find_product(project, reference)
    create_sku(product=product, now=now, **values)


def _event(project: Project, data: Any, _: str, now: datetime) -> None:
    body = read_body(data, EventInput)
    track_event(project=project, event=event_of(body), now=now)


def _require_source_id(values: Mapping[str, Any]) -> None:
    if not values.get("source_id"):
        raise InvalidPayload("Property .source_id is required")


_COMMANDS: Mapping[str, Callable[[Project, Any, str, datetime], None]] = {
    "customers": _customer,
    "orders": _order,
    "products": _product,
    "events": _event,
}
