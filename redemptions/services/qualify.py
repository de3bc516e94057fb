"""Qualification: what a customer could use; reads only."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from campaigns.services.compiled_rules import assigned_rules
from customers.models import Customer
from customers.services.upsert import CustomerDraft
from promo.tenancy.models import Project
from redemptions.engine.decide import qualify
from redemptions.engine.decision import Entry, Status
from redemptions.engine.facts import Facts, Redeemable
from redemptions.engine.touching import discounts_an_item, touches_an_item
from redemptions.models import Order
from redemptions.services.candidates import (
    Candidates,
    Narrowing,
    Search,
    find_candidates,
)
from redemptions.services.facts import facts_about
from redemptions.services.metadata import check_sent
from redemptions.services.order_facts import find_order
from redemptions.services.pages import (
    Age,
    Cursor,
    Page,
    age_of,
    newest_page,
    ranked_page,
)
from redemptions.services.people import draft_of, find_customer, tracking_id_of
from redemptions.services.redeemable_facts import (
    Found,
    campaign_facts,
    redeemable_facts,
    stack_facts,
)
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.rewards import find_coins
from redemptions.services.scenarios import SCENARIOS, Scenario
from redemptions.services.sessions import ask_locks, locks_found

if TYPE_CHECKING:
    from campaigns.models import PromotionTier, Voucher

MOST = 50
#: So many of each kind are tried first: the newest page hardly ever needs more.
FIRST_LOOK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which candidates a request wants to see, and how many of them."""

    scenario: str = "ALL"
    sorting_rule: str = "DEFAULT"
    limit: int = 5
    starting_after: Cursor | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)


@dataclass(frozen=True, slots=True)
class Qualified:
    """One page of what applies, with what the page does not show."""

    facts: Facts
    page: Page
    tracking_id: str | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with whom and what it names."""

    project: Project
    request: CheckoutRequest
    draft: CustomerDraft
    customer: Customer | None
    order: Order | None
    now: datetime

    @property
    def tracking_id(self) -> str | None:
        """Whom the answer names."""
        return tracking_id_of(self.request, self.customer, self.draft)


def qualify_candidates(
    *, project: Project, request: CheckoutRequest, wanted: Wanted, now: datetime
) -> Qualified:
    """Return what could apply, each candidate calculated alone on the order.

    The newest page is looked for among the newest candidates first, and among all of
    them only where those do not fill it; deals are ranked among all. So there are two
    rounds of statements at most, whatever there is.

    Raises:
        BadRequest: two identities, or discounts beyond the order's amount.
        ResourceNotFound: the customer's or the order's id names nobody.
        MetadataRefused: a schema of the project forbids metadata.

    Source: engine specification, "Qualification".
    """
    check_sent(project, request)
    asked = _asked(project, request, now)
    facts, page = _first_page(asked, wanted)
    return Qualified(facts, page, asked.tracking_id)


def qualify_newest(
    *,
    project: Project,
    request: CheckoutRequest,
    search: Search,
    omitted_rules: Collection[str],
) -> Qualified:
    """Return what applies of the newest candidates, each calculated alone.

    ``search`` says which; its customer is the one that ``request`` names.

    Raises:
        BadRequest: two identities, or discounts beyond the order's amount.
        ResourceNotFound: the customer's or the order's id names nobody.

    Source: engine specification, "Deprecated endpoints kept for old SDKs".
    """
    asked = _asked(project, request, search.now)
    search = replace(search, customer=asked.customer)
    facts, entries, _ = _decided(asked, search, omitted_rules)
    return Qualified(facts, Page(tuple(entries)), asked.tracking_id)


def _asked(project: Project, request: CheckoutRequest, now: datetime) -> _Asked:
    draft = draft_of(request.customer, request.tracking_id)
    order = find_order(project, request.order)
    customer = find_customer(project, draft, order)
    return _Asked(project, request, draft, customer, order, now)


def _first_page(asked: _Asked, wanted: Wanted) -> tuple[Facts, Page]:
    scenario = SCENARIOS[wanted.scenario]
    search = Search(
        project=asked.project,
        scenario=scenario,
        customer=asked.customer,
        narrowing=wanted.narrowing,
        now=asked.now,
    )
    omitted = scenario.omitted_rules(asked.project)
    limit, cursor = min(wanted.limit, MOST), wanted.starting_after
    if wanted.sorting_rule != "DEFAULT":
        facts, entries, _ = _decided(asked, search, omitted)
        best_first = wanted.sorting_rule == "BEST_DEAL"
        return facts, ranked_page(list(entries), limit, cursor, best_first=best_first)
    search = replace(search, before=cursor.bound if cursor else None)
    first_look = replace(search, newest=FIRST_LOOK)
    facts, entries, horizon = _decided(asked, first_look, omitted)
    page = newest_page(entries, limit, cursor, horizon)
    if page is None:
        facts, entries, _ = _decided(asked, search, omitted)
        page = newest_page(entries, limit, cursor)
    return facts, page or Page()


def _decided(
    asked: _Asked, search: Search, omitted_rules: Collection[str]
) -> tuple[Facts, Iterator[Entry], Age | None]:
    """Return what applies, newest first and decided one by one as it is asked for.

    With it go the facts, and the age beyond which candidates may be missing.
    """
    candidates = Candidates()
    if not search.scenario.needs_customer or _names_somebody(asked):
        candidates = find_candidates(search)
    facts = facts_about(
        asked.project,
        asked.request,
        _redeemables(asked, candidates),
        draft=asked.draft,
        customer=asked.customer,
        order=asked.order,
        now=asked.now,
    )
    facts = replace(facts, redeemables=_worth_deciding(facts, search.scenario))
    entries = qualify(facts, omitted_rules)
    applicable = (each for each in entries if each.status is Status.APPLICABLE)
    return facts, applicable, candidates.horizon


def _names_somebody(asked: _Asked) -> bool:
    draft = asked.draft
    return bool(asked.customer or draft.reference or draft.values)


def _redeemables(asked: _Asked, candidates: Candidates) -> list[Redeemable]:
    """Return the candidates as facts, newest first.

    Rules and what sessions hold come with one statement each.
    """
    project, session = asked.project, asked.request.session
    stacked = [tier for each in candidates.stacks.values() for tier in each.tiers]
    tiers = {tier.pk: tier for tier in [*candidates.tiers, *stacked]}
    bearers: list[Voucher | PromotionTier] = [*candidates.vouchers, *tiers.values()]
    names = {each.pk for each in (*bearers, *candidates.campaigns)}
    names |= {each.campaign_id for each in bearers if each.campaign_id}
    locks = ask_locks(project, candidates.vouchers, session, asked.now)
    coins = find_coins(project, candidates.vouchers)
    names |= {each.pk for each in coins.values()}
    found = Found(
        vouchers={each.code: each for each in candidates.vouchers},
        tiers=tiers,
        rules=assigned_rules(project, sorted(names)),
        locks=locks_found(locks),
        rewards=coins,
    )
    coin_of = dict(coins.keys())
    made = [
        *(
            _named("voucher", each.code, found, coin_of.get(each.campaign_id))
            for each in candidates.vouchers
        ),
        *(_named("promotion_tier", each.pk, found) for each in candidates.tiers),
        *(campaign_facts(each, found) for each in candidates.campaigns),
        *(stack_facts(each, found) for each in candidates.stacks.values()),
    ]
    return sorted(made, key=age_of, reverse=True)


def _named(kind: str, name: str, found: Found, reward: str | None = None) -> Redeemable:
    return redeemable_facts(RedeemableRef(kind, name, reward=reward), found)


def _worth_deciding(facts: Facts, scenario: Scenario) -> tuple[Redeemable, ...]:
    """Leave out what has nothing to do with the items, where the scenario asks so."""
    candidates: Sequence[Redeemable] = facts.redeemables
    if scenario.needs_items:
        fits = discounts_an_item if scenario.only_item_discounts else touches_an_item
        candidates = [each for each in candidates if fits(each, facts)]
    if facts.order is None:
        candidates = [_unspent(each) for each in candidates]
    return tuple(candidates)


def _unspent(redeemable: Redeemable) -> Redeemable:
    """Return a card as a wallet shows it: nothing to pay, nothing used."""
    if redeemable.gift is not None:
        return replace(redeemable, gift=replace(redeemable.gift, wanted=0))
    if redeemable.loyalty is not None:
        return replace(redeemable, loyalty=replace(redeemable.loyalty, wanted=0))
    return redeemable
