"""What the project's schemas say of the metadata that a checkout sends.

Source: data specification, "Metadata schemas, Validation"; engine specification,
"Check order".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from promo.metadata_schemas.known import checked_metadata, known_schemas
from promo.tenancy.models import Project
from redemptions.engine.facts import OrderFacts
from redemptions.models import Order
from redemptions.services.requests import CheckoutRequest

Sent = Mapping[str, Any]


def check_sent(project: Project, request: CheckoutRequest) -> None:
    """Refuse a request with metadata that a schema forbids.

    Whether all that must be there is, shows when something is stored.

    Raises:
        MetadataRefused: the first thing of the request that a schema forbids.
    """
    if known_schemas(project).schemas:
        for resource, metadata in _sent(request):
            checked_metadata(project, resource, metadata)


def check_redemption(project: Project, request: CheckoutRequest) -> None:
    """Refuse to redeem without the metadata that redemptions must have.

    Raises:
        MetadataRefused: some are missing.
    """
    sent = request.metadata or {}
    checked_metadata(project, "redemption", sent, result=sent)


def check_order(
    project: Project, sent: Sent | None, stored: Order | None, facts: OrderFacts | None
) -> None:
    """Refuse to store an order, or lines, without the metadata they must have.

    ``facts`` is the order as it will be. Of a stored order only what changes counts:
    metadata and lines that are sent for its id.

    Raises:
        MetadataRefused: some are missing.
    """
    if sent is None or facts is None:
        return
    is_new, by_id = stored is None, bool(sent.get("id"))
    if is_new or (by_id and sent.get("metadata") is not None):
        metadata = sent.get("metadata")
        checked_metadata(project, "order", metadata, result=facts.metadata)
    if is_new or (by_id and sent.get("items") is not None):
        for line in facts.sent_lines:
            checked_metadata(project, "order_item", line.metadata, result=line.metadata)


def _sent(request: CheckoutRequest) -> Iterator[tuple[str, Sent | None]]:
    order = request.order or {}
    yield "customer", (request.customer or {}).get("metadata")
    yield "customer", (order.get("referrer") or {}).get("metadata")
    yield "order", order.get("metadata")
    for item in order.get("items") or ():
        yield "order_item", item.get("metadata")
    yield "redemption", request.metadata
