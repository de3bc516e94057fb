"""Qualification: what a customer could use; reads only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from campaigns.models import Campaign, PromotionTier, Voucher, VoucherType
from campaigns.services.compiled_rules import assigned_rules
from campaigns.services.worth import BLOCKS, put_worth
from customers.models import Customer
from promo.tenancy.models import Project
from redemptions.engine.decide import qualify
from redemptions.engine.decision import Entry
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.sessions import Session
from redemptions.engine.touching import discounts_an_item, touches_an_item
from redemptions.services.candidates import Candidates, Narrowing, find_candidates
from redemptions.services.facts import facts_about
from redemptions.services.order_facts import find_order
from redemptions.services.people import draft_of, find_customer, tracking_id_of
from redemptions.services.redeemable_facts import Found, redeemable_facts
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.scenarios import SCENARIOS, Scenario
from redemptions.services.sessions import ask_locks, locks_found

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which candidates a request wants to see, and how many of them."""

    scenario: str = "ALL"
    sorting_rule: str = "DEFAULT"
    limit: int = 5
    starting_after: datetime | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)


@dataclass(frozen=True, slots=True)
class Qualified:
    """One page of what applies, with what the page does not show."""

    facts: Facts
    entries: Sequence[Entry]
    has_more: bool
    tracking_id: str | None


def qualify_candidates(
    *, project: Project, request: CheckoutRequest, wanted: Wanted, now: datetime
) -> Qualified:
    """Return what could apply, each candidate calculated alone on the order.

    Raises:
        BadRequest: two identities, or discounts beyond the order's amount.
        ResourceNotFound: the customer's or the order's id names nobody.

    Source: engine specification, "Qualification".
    """
    scenario = SCENARIOS[wanted.scenario]
    draft = draft_of(request.customer, request.tracking_id)
    order = find_order(project, request.order)
    customer = find_customer(project, draft, order)
    candidates = _candidates(project, scenario, customer, wanted.narrowing, now)
    facts = facts_about(
        project,
        request,
        _redeemables(project, candidates, request.session, now),
        draft=draft,
        customer=customer,
        order=order,
        now=now,
    )
    facts = replace(facts, redeemables=_worth_deciding(facts, scenario))
    if facts.order is None:
        facts = replace(facts, redeemables=tuple(map(_unspent, facts.redeemables)))
    entries = qualify(facts, scenario.omitted_rules).applicable
    page, has_more = _page(entries, wanted)
    return Qualified(facts, page, has_more, tracking_id_of(request, customer, draft))


def _candidates(
    project: Project,
    scenario: Scenario,
    customer: Customer | None,
    narrowing: Narrowing,
    now: datetime,
) -> Candidates:
    if scenario.needs_customer and customer is None:
        return Candidates()
    return find_candidates(project, scenario, customer, narrowing, now)


def _redeemables(
    project: Project, candidates: Candidates, session: Session | None, now: datetime
) -> list[Redeemable]:
    """Return the candidates as facts; rules and locks come with one statement each."""
    found = Found(
        vouchers={each.code: each for each in candidates.vouchers},
        tiers={each.pk: each for each in candidates.tiers},
        rules=assigned_rules(project, list(_rule_bearers(candidates))),
        locks=locks_found(ask_locks(project, candidates.vouchers, session, now)),
    )
    return [
        *(
            redeemable_facts(RedeemableRef("voucher", code), found)
            for code in found.vouchers
        ),
        *(
            redeemable_facts(RedeemableRef("promotion_tier", tier), found)
            for tier in found.tiers
        ),
        *(_as_redeemable(each, found) for each in candidates.campaigns),
    ]


def _rule_bearers(candidates: Candidates) -> Iterator[str]:
    seen: set[str] = set()
    things: list[Voucher | PromotionTier | Campaign] = [
        *candidates.vouchers,
        *candidates.tiers,
        *candidates.campaigns,
    ]
    for thing in things:
        for name in (thing.pk, getattr(thing, "campaign_id", None)):
            if name and name not in seen:
                seen.add(name)
                yield name


def _as_redeemable(campaign: Campaign, found: Found) -> Redeemable:
    """Return a campaign as the code a customer could still get from it."""
    template: Mapping[str, Any] = campaign.voucher or {}
    kind = VoucherType(template["type"])
    stand_in = Voucher(
        project_id=campaign.project_id,
        campaign=campaign,
        code=campaign.name,
        metadata=campaign.metadata,
        created_at=campaign.created_at,
    )
    put_worth(stand_in, kind, template[BLOCKS[kind]])
    stand_in.balance = stand_in.credited_amount
    stand_in.category = None
    facts = redeemable_facts(
        RedeemableRef("voucher", campaign.pk),
        replace(found, vouchers={campaign.pk: stand_in}),
    )
    return replace(facts, id=campaign.pk, name=campaign.name)


def _unspent(redeemable: Redeemable) -> Redeemable:
    """Return a gift card as a wallet shows it: nothing to pay, nothing used."""
    if redeemable.gift is None:
        return redeemable
    return replace(redeemable, gift=replace(redeemable.gift, wanted=0))


def _worth_deciding(facts: Facts, scenario: Scenario) -> tuple[Redeemable, ...]:
    if not scenario.needs_items:
        return facts.redeemables
    fits = discounts_an_item if scenario.only_item_discounts else touches_an_item
    return tuple(each for each in facts.redeemables if fits(each, facts))


def _page(entries: Sequence[Entry], wanted: Wanted) -> tuple[Sequence[Entry], bool]:
    """Sort, continue behind the cursor, cut; ties break by id."""
    newest = sorted(entries, key=_age, reverse=True)
    if wanted.sorting_rule == "BEST_DEAL":
        newest.sort(key=_given, reverse=True)
    elif wanted.sorting_rule == "LEAST_DEAL":
        newest.sort(key=_given)
    if wanted.starting_after is not None:
        newest = _behind(newest, wanted.starting_after, wanted.sorting_rule)
    limit = min(wanted.limit, MOST)
    return newest[:limit], len(newest) > limit


def _age(entry: Entry) -> tuple[Any, str]:
    return entry.redeemable.created_at, entry.redeemable.id or ""


def _given(entry: Entry) -> int:
    return entry.taken.amount


def _behind(entries: list[Entry], cursor: datetime, sorting_rule: str) -> list[Entry]:
    if sorting_rule == "DEFAULT":
        return [each for each in entries if _created(each) < cursor]
    for position, each in enumerate(entries):
        if _created(each) == cursor:
            return entries[position + 1 :]
    return entries


def _created(entry: Entry) -> Any:
    # The API shows milliseconds, and the cursor is what it showed.
    moment: Any = entry.redeemable.created_at
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
