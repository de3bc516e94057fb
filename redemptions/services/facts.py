"""Loading everything one request is decided on, in a constant number of statements."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from campaigns.services.compiled_rules import ask_rules, rules_found
from customers.models import Customer
from customers.services.upsert import CustomerDraft
from promo import ids, request_context, sql_arrays
from promo.errors import BadRequest
from promo.sql_pipeline import Asked, pipeline
from promo.tenancy.models import Project
from redemptions.engine.facts import Caller, Facts, Redeemable, StackingRules
from redemptions.models import Order
from redemptions.services.catalogue import known_items
from redemptions.services.claims import customer_bucket
from redemptions.services.order_facts import items_to_use, order_facts
from redemptions.services.order_lines import KnownItems, build_lines
from redemptions.services.people import customer_facts
from redemptions.services.redeemable_facts import Found, expanded
from redemptions.services.redeemables import find_stacks, find_tiers, find_vouchers
from redemptions.services.requests import CheckoutRequest
from redemptions.services.sessions import ask_locks, locks_found
from redemptions.services.unit_facts import unit_facts, units_of

_USED = """
SELECT subject, used FROM redemptions_counter
WHERE project_id = %s AND subject = ANY(%s::uuid[]) AND bucket = %s
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
    now: datetime,
) -> Loaded:
    """Return what ``request`` is decided on; ``customer`` and ``order`` are stored.

    At most nine statements, whatever the number of redeemables and lines: vouchers,
    tiers, assignments, uncompiled rules, counters, locks, products, SKUs, collections.

    Raises:
        BadRequest: ``duplicated_redeemables``, a code and an id name the same voucher.
    """
    found = find_redeemables(project, request, customer, now)
    redeemables = expanded(request.redeemables, found)
    check_distinct([each.id for each in redeemables if each.found])
    facts = facts_about(
        project,
        request,
        redeemables,
        draft=draft,
        customer=customer,
        order=order,
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
    project: Project, request: CheckoutRequest, customer: Customer | None, now: datetime
) -> Found:
    """Return what the request names with rules, uses and what sessions hold."""
    named: dict[str, list[str]] = {"voucher": [], "promotion_tier": []}
    for ref in request.redeemables:
        named.setdefault(ref.object, []).append(ref.id)
    vouchers = find_vouchers(project, named["voucher"])
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
    with pipeline():
        rules = ask_rules(project, subjects)
        used = _ask_used(project, customer, subjects)
        locks = ask_locks(project, vouchers.values(), request.session, now)
        return Found(
            vouchers=vouchers,
            tiers=tiers,
            stacks=stacks,
            rules=rules_found(project, rules),
            used=_used(subjects, used),
            locks=locks_found(locks),
        )


def _ask_used(
    project: Project, customer: Customer | None, subjects: Sequence[str]
) -> Asked | None:
    if customer is None:
        return None
    keys = sql_arrays.uuids(ids.parse_shown(subject) for subject in subjects)
    bucket = customer_bucket(customer.pk)
    return Asked(_USED, [ids.parse("proj_", project.pk), keys, bucket])


def _used(subjects: Sequence[str], asked: Asked | None) -> dict[str, int]:
    if asked is None:
        return {}
    shown = {ids.parse_shown(subject): subject for subject in subjects}
    return {shown[key]: used for key, used in asked.rows()}


def facts_about(
    project: Project,
    request: CheckoutRequest,
    redeemables: Sequence[Redeemable],
    *,
    draft: CustomerDraft,
    customer: Customer | None,
    order: Order | None,
    now: datetime,
) -> Facts:
    """Return the facts of a request about ``redeemables`` that are already known."""
    sent = request.order
    items = items_to_use(sent, order) if sent is not None else ()
    known = KnownItems()
    each_alone = [one for each in redeemables for one in each.tiers or (each,)]
    unit_types = units_of(each_alone)
    if items or unit_types:
        rules = [rule for each in each_alone for rule in each.rules]
        known = known_items(project, items, rules, now=now, unit_types=unit_types)
    lines = build_lines(items, known)
    return Facts(
        now=now,
        time_zone=project.zone,
        redeemables=tuple(redeemables),
        order=order_facts(sent, order, lines) if sent is not None else None,
        customer=customer_facts(customer, draft),
        stacking=stacking_of(project),
        caller=_caller(),
        metadata=request.metadata or {},
        all_products_id=known.all_products_id,
        units=unit_facts(unit_types, known),
    )


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
