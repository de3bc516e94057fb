"""Loading everything one request is decided on, in a constant number of statements."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.models import Voucher, VoucherType
from campaigns.services.access import reached_campaigns
from campaigns.services.catalogue_lookup import KnownCatalogue
from campaigns.services.compiled_rules import ask_rules, rules_found
from customers.models import Customer
from customers.services.upsert import CustomerDraft
from promo import ids, request_context
from promo.errors import BadRequest
from promo.metadata_schemas.known import known_schemas
from promo.sql_pipeline import pipeline
from promo.tenancy.models import Project
from redemptions.engine.counters import ORDERS, counters_read, usage_of
from redemptions.engine.facts import Caller, Facts, Redeemable, StackingRules
from redemptions.engine.lasting_caps import counters_needed
from redemptions.engine.rules import segments_of
from redemptions.models import Order
from redemptions.services.catalogue import known_items
from redemptions.services.counters import read_counters
from redemptions.services.first_reads import FirstReads
from redemptions.services.order_facts import items_to_use, order_facts
from redemptions.services.order_lines import KnownItems, build_lines
from redemptions.services.people import customer_facts
from redemptions.services.publication_facts import with_publications, with_referees
from redemptions.services.redeemable_facts import Found, expanded
from redemptions.services.redeemables import find_stacks, find_tiers
from redemptions.services.requests import CheckoutRequest
from redemptions.services.rewards import find_rewards
from redemptions.services.sessions import ask_locks, locks_found
from redemptions.services.unit_facts import unit_facts, units_of

_ORDERED = """
SELECT s.key FROM redemptions_redemption r, jsonb_each(r.claims) s
WHERE r.order_id = %s AND r.object = 'redemption' AND r.status = 'SUCCEEDED'
AND jsonb_exists(s.value, %s)
"""
_STACKING = tuple(each.name for each in fields(StackingRules))


@dataclass(frozen=True, slots=True)
class Loaded:
    """The facts of a request beside the rows behind them."""

    facts: Facts
    found: Found
    customer: Customer | None
    order: Order | None


def load_facts(
    project: Project,
    request: CheckoutRequest,
    *,
    draft: CustomerDraft,
    customer: Customer | None,
    order: Order | None,
    first: FirstReads,
    now: datetime,
) -> Loaded:
    """Return what ``request`` is decided on; ``customer`` and ``order`` are stored.

    The number of statements depends on neither redeemables nor lines: vouchers, tiers,
    assignments, uncompiled rules, counters, products, SKUs, collections; one more for a
    stored order, for loyalty cards rewards and, where the request names nobody, their
    holder, for sessions locks, and for rules about segments or referees these.

    Raises:
        BadRequest: ``duplicated_redeemables``, a code and an id name the same voucher.
    """
    found = find_redeemables(project, request, first.vouchers, now)
    if customer is None and not draft.reference:
        customer = _holder(project, found.vouchers.values())
    redeemables = expanded(request.redeemables, found)
    check_distinct([each.id for each in redeemables if each.found])
    facts = facts_about(
        project,
        request,
        redeemables,
        draft=draft,
        customer=customer,
        order=order,
        items_read=first.items,
        now=now,
    )
    return Loaded(facts, found, customer, order)


def check_distinct(names: Sequence[Hashable]) -> None:
    """Refuse a request that names one thing twice.

    Raises:
        BadRequest: ``duplicated_redeemables``.

    Source: engine specification, "Request level".
    """
    if len(set(names)) != len(names):
        raise BadRequest(
            "duplicated_redeemables",
            "Duplicated redeemables detected",
            "Duplicated redeemables detected in one redemption",
        )


def find_redeemables(
    project: Project,
    request: CheckoutRequest,
    vouchers: Mapping[str, Voucher],
    now: datetime,
) -> Found:
    """Return what the request names with its rules and what sessions hold."""
    named: dict[str, list[str]] = {"promotion_tier": []}
    for ref in request.redeemables:
        named.setdefault(ref.object, []).append(ref.id)
    stacks = find_stacks(project, named.get("promotion_stack", ()))
    stacked = [tier for each in stacks.values() for tier in each.tiers]
    tiers = find_tiers(project, named["promotion_tier"])
    tiers |= {tier.pk: tier for tier in stacked}
    subjects = [*(each.pk for each in vouchers.values()), *tiers]
    campaigns = {each.campaign_id for each in vouchers.values()}
    campaigns |= {each.campaign_id for each in tiers.values()}
    subjects += sorted(campaign for campaign in campaigns if campaign)
    if not subjects:
        return Found()
    rewards = find_rewards(project, request.redeemables, vouchers)
    subjects += [each.pk for each in rewards.values()]
    with pipeline():
        rules = ask_rules(project, subjects)
        locks = ask_locks(project, vouchers.values(), request.session, now)
    return Found(
        vouchers=vouchers,
        tiers=tiers,
        stacks=stacks,
        rules=rules_found(project, rules),
        locks=locks_found(locks),
        rewards=rewards,
    )


def _holder(project: Project, vouchers: Iterable[Voucher]) -> Customer | None:
    """Return who holds the loyalty card among ``vouchers``, if one is held."""
    held = (
        each.holder_id
        for each in vouchers
        if each.type == VoucherType.LOYALTY_CARD and each.holder_id
    )
    holder_id = next(held, None)
    if holder_id is None:
        return None
    return project.customers.filter(pk=holder_id).first()


def facts_about(
    project: Project,
    request: CheckoutRequest,
    redeemables: Sequence[Redeemable],
    *,
    draft: CustomerDraft,
    customer: Customer | None,
    order: Order | None,
    now: datetime,
    items_read: KnownCatalogue | None = None,
) -> Facts:
    """Return the facts of a request about ``redeemables`` that are already known.

    ``items_read`` is what the catalogue has of its lines, where somebody has read it.
    """
    sent = request.order
    items = items_to_use(sent, order) if sent is not None else ()
    known = KnownItems()
    each_alone = [one for each in redeemables for one in each.tiers or (each,)]
    unit_types = units_of(each_alone)
    rules = [rule for each in each_alone for rule in each.rules]
    if items or unit_types:
        known = known_items(
            project, items, rules, now=now, unit_types=unit_types, read=items_read
        )
    lines = build_lines(items, known)
    facts = Facts(
        now=now,
        time_zone=project.zone,
        redeemables=with_referees(with_publications(redeemables, customer), customer),
        order=order_facts(sent, order, lines) if sent is not None else None,
        customer=customer_facts(
            project, customer, draft, segments=segments_of(rules), now=now
        ),
        stacking=_stacking(project, request),
        caller=_caller(),
        metadata=request.metadata or {},
        all_products_id=known.all_products_id,
        units=unit_facts(unit_types, known),
        ordered=_ordered(order),
        week_starts_on=project.week_starts_on,
        schemas=known_schemas(project).kinds,
        reached_campaigns=_reached(project, each_alone),
    )
    return _with_counters(project, facts, each_alone)


def _reached(
    project: Project, redeemables: Iterable[Redeemable]
) -> frozenset[str] | None:
    """Return which of the campaigns a restricted caller reaches, in one statement."""
    campaigns = {each.campaign.id for each in redeemables if each.campaign}
    return reached_campaigns(project, campaigns)


def _with_counters(
    project: Project, facts: Facts, redeemables: Sequence[Redeemable]
) -> Facts:
    """Add what the counters that rules and caps read stand at, in one statement."""
    keys = counters_read(redeemables, usage_of(facts))
    keys |= counters_needed(redeemables, facts)
    counted = read_counters(project, keys)
    return replace(facts, used=counted.used, uncounted=counted.missing)


def _ordered(order: Order | None) -> frozenset[str]:
    """Return the campaigns that have counted the value of a stored order."""
    if order is None:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_ORDERED, [ids.parse("ord_", order.pk), ORDERS])
        return frozenset(subject for (subject,) in cursor.fetchall())


def _stacking(project: Project, request: CheckoutRequest) -> StackingRules:
    rules = stacking_of(project)
    if request.all_or_nothing:
        return replace(rules, redeemables_application_mode="ALL")
    return rules


def stacking_of(project: Project) -> StackingRules:
    """Return the project's stacking settings as the engine reads them."""
    settings = project.stacking
    return StackingRules(**{name: _frozen(settings[name]) for name in _STACKING})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _caller() -> Caller:
    context = request_context.current()
    key = context.api_key or {}
    return Caller(api_key_id=key.get("app_id"), user_login=context.user_id)
