"""A new voucher of a row: what a create would store, and what was redeemed of it.

Source: campaigns specification, "Import rules".
"""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns.engine.codes import check_code
from campaigns.engine.numbers import MOST_TIMES, whole_number
from campaigns.models import Campaign, ValidationRule, Voucher, VoucherType
from campaigns.models.voucher import VOUCHER_PREFIX, code_key
from campaigns.services.voucher import check_type, with_checked_metadata
from campaigns.services.voucher_rows.drafts import VoucherDraft
from campaigns.services.voucher_template import prototype
from campaigns.services.worth import BLOCKS, put_worth, read_worth
from promo.errors import ResourceNotFound
from promo.ids import new_id
from promo.jobs.models import AsyncAction
from promo.jobs.rows.cells import RowRefused
from promo.tenancy.models import Project

_ON_ITEMS = "APPLY_TO_ITEMS"
_STARTS_AS = {VoucherType.GIFT_VOUCHER: "amount", VoucherType.LOYALTY_CARD: "points"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where rows go: a campaign that the caller holds, or no campaign.

    ``changes_known`` lets a row change the code that is there already, else it is
    refused. ``tells`` makes an event of each row.
    """

    action: AsyncAction
    campaign: Campaign | None
    changes_known: bool
    tells: bool
    now: datetime
    rules: Mapping[str, ValidationRule] = field(default_factory=dict)
    #: What rows that say the same become, by what they say.
    alike: dict[str, Voucher] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        """The project of the vouchers."""
        return self.action.project

    @property
    def campaign_id(self) -> str | None:
        """The campaign's id."""
        return None if self.campaign is None else self.campaign.pk


def new_voucher(target: Target, draft: VoucherDraft) -> Voucher:
    """Return the voucher of a row, unstored and without its category.

    Raises:
        PromoError: a create would refuse it, or the row's own fields are wrong.
    """
    code = check_code(draft.code)
    sent = with_checked_metadata(target.project, target.campaign, draft.sent)
    metadata = sent.pop("metadata", {})
    voucher = copy(_like(target, sent))
    voucher.id = new_id(VOUCHER_PREFIX)
    voucher.code, voucher.code_key = code, code_key(target.project, code)
    voucher.metadata = voucher.metadata | metadata
    _put_redeemed(voucher, draft)
    _check_rule(voucher, draft, target.rules)
    return voucher


def _like(target: Target, sent: Mapping[str, Any]) -> Voucher:
    """Return what the vouchers of rows that say the same, but metadata, have alike.

    Making one costs more than all else that a row needs, and rows say the same often.
    """
    key = json.dumps(sent, sort_keys=True, default=str)
    if key in target.alike:
        return target.alike[key]
    campaign = target.campaign
    check_type(sent, campaign)
    made = prototype(
        project=target.project, campaign=campaign, sent=sent, now=target.now
    )
    made.async_action = target.action
    if campaign is not None:
        _put_own_worth(made, campaign, sent)
        if "active" not in sent and _is_over(campaign, target.now):
            made.active = False
    target.alike[key] = made
    return made


def _is_over(campaign: Campaign, now: datetime) -> bool:
    return campaign.expiration_date is not None and campaign.expiration_date < now


def _put_own_worth(
    voucher: Voucher, campaign: Campaign, sent: Mapping[str, Any]
) -> None:
    """Let a card start with the credits or points that its row gives."""
    kind = VoucherType(voucher.type)
    block = BLOCKS[kind]
    if kind not in _STARTS_AS or sent.get(block) is None:
        return
    names = (_STARTS_AS[kind], "effect")
    own = {one: sent[block][one] for one in names if sent[block].get(one) is not None}
    template = (campaign.voucher or {})[block]
    worth = read_worth(kind, {**template, **own}, f".{block}", of_campaign=False)
    put_worth(voucher, kind, worth)
    if kind is VoucherType.GIFT_VOUCHER and "effect" in own:
        voucher.own_fields = sorted({*voucher.own_fields, "gift_effect"})


def _put_redeemed(voucher: Voucher, draft: VoucherDraft) -> None:
    """Count what another system has redeemed; an amount is a gift card's alone."""
    path = ".redemption.redeemed_quantity"
    times = whole_number(draft.redeemed_quantity, path, most=MOST_TIMES) or 0
    most = voucher.redemption_quantity
    if most is not None and times > most:
        raise RowRefused(f"{times} redemptions are more than the limit of {most}")
    voucher.redeemed_quantity = voucher.initial_redeemed_quantity = times
    if voucher.type != VoucherType.GIFT_VOUCHER:
        return
    path = ".redemption.redeemed_amount"
    amount = whole_number(draft.redeemed_amount, path) or 0
    if amount > voucher.credited_amount:
        details = f"The redeemed amount {amount} is more than the gift amount "
        raise RowRefused(f"{details}{voucher.credited_amount}")
    voucher.redeemed_amount = voucher.initial_redeemed_amount = amount
    voucher.initial_balance = voucher.credited_amount - amount


def _check_rule(
    voucher: Voucher, draft: VoucherDraft, rules: Mapping[str, ValidationRule]
) -> None:
    """Refuse an unknown rule, and a discount on items that a rule does not name."""
    rule = rules.get(draft.rule_id)
    if draft.rule_id and rule is None:
        raise ResourceNotFound("validation_rules", draft.rule_id)
    effect = voucher.gift_effect or (voucher.discount or {}).get("effect") or ""
    if not draft.needs_items or not effect.startswith(_ON_ITEMS):
        return
    lists = (rule and rule.applicable_to) or {}
    if not any(lists.get(name) for name in ("included", "excluded", "included_all")):
        raise RowRefused(f"{effect} needs a validation rule that names items")
