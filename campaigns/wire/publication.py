"""Publications as the API and events show them."""

from collections.abc import Callable, Sequence
from typing import Any

from campaigns.models import Publication, Voucher
from campaigns.wire.voucher import (
    discount_as_json,
    gift_as_json,
    loyalty_card_as_json,
    voucher_as_json,
)
from customers.services.rendering import simple_customer
from promo.clock import isoformat

Json = dict[str, Any]


def publication_as_json(row: Publication, vouchers: Sequence[Voucher]) -> Json:
    """Return the answer to who publishes: one whole voucher, or the codes of several.

    Source: campaigns specification, "Publications".
    """
    return {**_head(row), **_given(vouchers, _published)}


def listed_publication(row: Publication) -> Json:
    """Return a row of the list: one voucher in short, or codes, or why it failed."""
    body = {**_head(row), **_given(list(row.vouchers.all()), _short)}
    if row.failure_code:
        body["failure_code"] = row.failure_code
        body["failure_message"] = row.failure_message
    return body


def _head(row: Publication) -> Json:
    customer = row.customer
    return {
        "id": row.pk,
        "object": "publication",
        "created_at": isoformat(row.created_at),
        "customer_id": row.customer_id,
        "tracking_id": (customer.source_id or None) if customer else None,
        "metadata": row.metadata,
        "channel": row.channel,
        "source_id": row.source_id,
        "result": row.result,
        "customer": simple_customer(customer) if customer else None,
    }


def _given(vouchers: Sequence[Voucher], show: Callable[[Voucher], Json]) -> Json:
    """Return what was given; clients of the API expect several as codes alone."""
    ids = [voucher.pk for voucher in vouchers]
    if len(vouchers) == 1:
        return {"vouchers_id": ids, "voucher": show(vouchers[0])}
    return {"vouchers_id": ids, "vouchers": [voucher.code for voucher in vouchers]}


def _published(voucher: Voucher) -> Json:
    shown = voucher_as_json(voucher)
    del shown["validation_rules_assignments"]
    return shown


def _short(voucher: Voucher) -> Json:
    short: Json = {
        "code": voucher.code,
        "object": "voucher",
        "campaign": voucher.campaign.name if voucher.campaign else None,
        "is_referral_code": voucher.is_referral_code,
    }
    if voucher.discount is not None:
        short["discount"] = discount_as_json(voucher.discount)
    gift, card = gift_as_json(voucher), loyalty_card_as_json(voucher)
    if gift is not None:
        short["gift"] = {name: gift[name] for name in ("amount", "balance")}
    if card is not None:
        short["loyalty_card"] = {name: card[name] for name in ("points", "balance")}
    return short
