"""Redemptions and rollbacks as the API shows them.

Source: engine specification, "Response", "Rollback".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from campaigns.wire.tier import tier_as_json
from campaigns.wire.voucher import simple_voucher
from customers.models import Customer
from customers.services.rendering import simple_customer
from promo.clock import isoformat
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Result

Json = dict[str, Any]


def redemption_as_json(row: Redemption) -> Json:
    """Return one redemption or rollback; related rows must be loaded."""
    shown: Json = {
        "id": row.shown_id,
        "object": row.object,
        "date": isoformat(row.created_at),
        "customer_id": row.customer_id,
        "tracking_id": row.tracking_id or None,
        "metadata": row.metadata,
        "result": row.result,
        "status": row.status,
        "order": row.order_state,
        "channel": {"channel_id": row.channel_id, "channel_type": row.channel_type},
        "customer": _customer(row.customer),
        "related_object_type": row.related_object_type or None,
        "related_object_id": row.related_object_id or None,
        "voucher": simple_voucher(row.voucher) if row.voucher else None,
        "promotion_tier": (
            tier_as_json(row.promotion_tier) if row.promotion_tier else None
        ),
    }
    if row.promotion_tier is None:
        del shown["promotion_tier"]
    return shown | _card(row) | _links(row)


def redemption_in_brief(row: Redemption) -> Json:
    """Return a redemption beside the order and the customer that it is about.

    Source: data specification, "Status and side effects".
    """
    return {
        "id": row.shown_id,
        "object": row.object,
        "created_at": isoformat(row.created_at),
        "customer_id": row.customer_id,
        "tracking_id": row.tracking_id or None,
        "metadata": row.metadata,
        "channel_id": row.channel_id,
        "channel_type": row.channel_type,
        "result": row.result,
        "status": row.status,
        "related_object_type": row.related_object_type or None,
        "related_object_id": row.related_object_id or None,
    }


def _card(row: Redemption) -> Json:
    """Return what a card paid, or got back."""
    if row.card_amount is None:
        return {}
    amount = row.card_amount
    if row.reward is None:
        return {"amount": amount, "gift": {"amount": amount}}
    return {
        "amount": amount,
        "reward": {"customer": _customer(row.customer), **row.reward},
        "loyalty_card": {"points": amount},
    }


def _links(row: Redemption) -> Json:
    links: Json = {"session": {"key": row.session_key}} if row.session_key else {}
    if row.parent is not None:
        links["redemption"] = row.parent.shown_id
    if row.object == Kind.ROLLBACK and row.original is not None:
        links["redemption"] = row.original.shown_id
        links["reason"] = row.reason or None
    if row.result == Result.FAILURE:
        links["failure_code"] = row.failure_code
        links["failure_message"] = row.failure_message
    return links


def _customer(customer: Customer | None) -> Json | None:
    return simple_customer(customer) if customer else None


def order_redemptions(rows: Iterable[Redemption]) -> Json:
    """Return an order's ``redemptions`` map from all rows about that order."""
    listed = [row for row in rows if row.result == Result.SUCCESS]
    undone = {row.original_id: row for row in listed if row.object == Kind.ROLLBACK}
    children: dict[Any, list[Redemption]] = {}
    for row in listed:
        if row.parent_id:
            children.setdefault(row.parent_id, []).append(row)
    return {
        row.shown_id: _entry(row, undone, children.get(row.pk, []))
        for row in listed
        if row.object == Kind.REDEMPTION and row.parent_id is None
    }


def _entry(
    row: Redemption, undone: Mapping[Any, Redemption], children: list[Redemption]
) -> Json:
    entry: Json = {
        "date": isoformat(row.created_at),
        "related_object_type": row.related_object_type,
        "related_object_id": row.related_object_id,
    }
    if row.campaign_id:
        entry["related_object_parent_id"] = row.campaign_id
    if children:
        entry["stacked"] = [child.shown_id for child in children]
    rollback = undone.get(row.pk)
    if rollback is not None:
        entry["rollback_id"] = rollback.shown_id
        entry["rollback_date"] = isoformat(rollback.created_at)
        if children:
            entry["rollback_stacked"] = [
                undone[child.pk].shown_id for child in children if child.pk in undone
            ]
    return entry


def related_redemptions(row: Redemption, about: Iterable[Redemption]) -> Json:
    """Return how ``row`` hangs together with the other rows about its order."""
    own = {row.pk, row.parent_id, row.original_id} - {None}
    family = {*own, *(each.pk for each in about if each.parent_id in own)}
    rollbacks = [
        {
            "id": each.shown_id,
            "date": isoformat(each.created_at),
            "rollback_order_mode": each.rollback_order_mode,
        }
        for each in about
        if each.object == Kind.ROLLBACK
        and each.result == Result.SUCCESS
        and each.original_id in family
    ]
    siblings = [
        {"id": each.shown_id, "date": isoformat(each.created_at)}
        for each in about
        if each.object == Kind.REDEMPTION and each.pk in family
    ]
    related: Json = {"redemptions": siblings}
    if rollbacks:
        related["rollbacks"] = rollbacks
    return {"related_redemptions": related}
