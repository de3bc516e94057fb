"""The answer to a qualification.

Source: engine specification, "Qualification, Entry".
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from campaigns.engine.numbers import json_number
from promo.clock import isoformat
from promo.ids import parse_or_none
from redemptions.engine.decision import Entry
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.listing import wire_list
from redemptions.engine.order_rendering import order_as_json
from redemptions.engine.wire import categories_as_json, result_as_json

Json = dict[str, Any]


def candidate_as_json(
    entry: Entry,
    facts: Facts,
    *,
    expand: Collection[str],
    assignments: Mapping[str, Sequence[Json]],
    with_locks: bool = False,
) -> Json:
    """Return one candidate that applies; a stack with each of its tiers.

    ``assignments`` are the rendered rule assignments by the shown id they are on;
    ``with_locks`` adds how many of a card's credits sessions of others hold.
    """
    redeemable = entry.redeemable
    is_campaign = parse_or_none("camp_", redeemable.id) is not None
    shown: Json = {
        "id": redeemable.ref,
        "object": "campaign" if is_campaign else redeemable.object,
        "created_at": redeemable.created_at and isoformat(redeemable.created_at),
        "result": _result(entry, with_locks=with_locks),
        "order": order_as_json(entry.order),
        "applicable_to": wire_list(entry.applicable_to),
        "inapplicable_to": wire_list(entry.inapplicable_to),
        "metadata": dict(redeemable.metadata),
        "categories": categories_as_json(redeemable, facts.stacking),
    }
    if "redeemable" in expand:
        shown["name"] = redeemable.name
        if redeemable.banner is not None:
            shown["banner"] = redeemable.banner
        if redeemable.campaign is not None:
            shown["campaign_id"] = redeemable.campaign.id
            shown["campaign_name"] = redeemable.campaign.name
    if "validation_rules" in expand:
        shown["validation_rules_assignments"] = _assignments(entry, assignments)
    if entry.members:
        shown["redeemables"] = [
            candidate_as_json(
                each,
                facts,
                expand=expand,
                assignments=assignments,
                with_locks=with_locks,
            )
            for each in entry.members
        ]
    return shown


def _result(entry: Entry, *, with_locks: bool) -> Json:
    """Return what a candidate gives; a card also says what it holds and is worth."""
    result, card = result_as_json(entry, request_id=""), entry.redeemable.loyalty
    if with_locks and "gift" in result and entry.spent is not None:
        result["gift"]["locked_credits"] = entry.spent.locked
    if card is not None and card.reward is not None and card.reward.coin is not None:
        coin = card.reward.coin
        result["loyalty_card"] |= {
            "balance": card.available,
            "exchange_ratio": json_number(coin.exchange_ratio),
            "points_ratio": coin.points_ratio,
        }
    return result


def bearers_of(redeemable: Redeemable) -> list[str]:
    """Return the ids of what bears the rules of a redeemable, the campaign's first."""
    campaign = redeemable.campaign.id if redeemable.campaign else None
    return list(dict.fromkeys(name for name in (campaign, redeemable.id) if name))


def _assignments(entry: Entry, assignments: Mapping[str, Sequence[Json]]) -> Json:
    data = []
    for name in bearers_of(entry.redeemable):
        for assignment in assignments.get(name, ()):
            omitted = entry.omitted.get(assignment["rule_id"], ())
            status = "PARTIALLY_VALID" if omitted else "VALID"
            data.append(
                {
                    **assignment,
                    "validation_status": status,
                    "validation_omitted_rules": list(omitted),
                }
            )
    return {"object": "list", "data_ref": "data", "data": data, "total": len(data)}
