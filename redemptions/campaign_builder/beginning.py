"""What a draft starts with: what its kind brings along, or a campaign that there is."""

from collections.abc import Mapping
from typing import Any

from campaigns.admin.campaign_form import copied
from campaigns.admin.guarded import rule_on
from campaigns.models import Campaign, PoolType
from redemptions.campaign_builder.form import BULK, GENERIC, KINDS, STARTS

Json = dict[str, Any]


def started(fields: Mapping[str, list[str]], before: str = "") -> dict[str, list[str]]:
    """Return a draft's fields with what its kind starts with.

    What the kind ``before`` had brought along goes with it, unless somebody has put
    something else there.
    """
    what = (fields.get("what") or [""])[0]
    if what == before:
        return dict(fields)
    brought = {name: [text] for name, text in STARTS.get(before, {}).items()}
    own = {name: texts for name, texts in fields.items() if texts != brought.get(name)}
    return {**{name: [text] for name, text in STARTS.get(what, {}).items()}, **own}


def payload_of(campaign: Campaign) -> Json:
    """Return the payload of a draft that says what a campaign says.

    Its dates and codes are left out, as a copy has others; its rule comes along as
    the draft's own.
    """
    shown = copied(campaign)
    rule = rule_on(campaign)
    fields = {
        name: [str(value)]
        for name, value in shown.items()
        if name not in {"rule", "codes", "campaign_type"}
    }
    fields["what"] = [_kind_of(campaign)]
    return {
        "fields": fields,
        "rules": rule.rules if rule else {},
        "applicable_to": rule.applicable_to if rule else None,
        "message": ((rule.error if rule else None) or {}).get("message") or "",
    }


def _kind_of(campaign: Campaign) -> str:
    if campaign.type == PoolType.STANDALONE:
        return GENERIC
    kinds = {kind[0]: name for name, kind in KINDS.items() if name != GENERIC}
    return kinds.get(campaign.campaign_type, BULK)
