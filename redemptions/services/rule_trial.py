"""A rule tried on a stored order and a stored customer; nothing is written."""

from datetime import datetime

from django.db import connection, transaction

from campaigns.engine.rules import RuleSet
from promo.ids import new_id
from promo.tenancy.models import Project
from redemptions.engine.counters import Amounts, usage_of
from redemptions.engine.decide import NO_ORDER
from redemptions.engine.facts import AssignedRules, Redeemable
from redemptions.engine.order import opening_state
from redemptions.engine.rule_context import RuleContext
from redemptions.engine.rules import SetOutcome, evaluate
from redemptions.services.facts import facts_about
from redemptions.services.order_facts import find_order
from redemptions.services.people import draft_of, find_customer
from redemptions.services.requests import CheckoutRequest


def try_rules(
    *,
    project: Project,
    rules: RuleSet,
    name: str,
    request: CheckoutRequest,
    now: datetime,
) -> SetOutcome:
    """Return which of ``rules`` hold for the order and customer of ``request``.

    They are judged as those of an offer that nobody has used yet and that takes
    nothing off.

    Raises:
        ResourceNotFound: the customer's or the order's id names nobody.
    """
    offer = Redeemable(
        object="promotion_tier",
        ref="",
        found=True,
        id=new_id("promo_"),
        rules=(AssignedRules("", name, "own", rules, None),),
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        draft = draft_of(request.customer, None)
        order = find_order(project, request.order)
        facts = facts_about(
            project,
            request,
            [offer],
            draft=draft,
            customer=find_customer(project, draft, order),
            order=order,
            now=now,
        )
    state = opening_state(facts.order or NO_ORDER)
    value = 0 if facts.order is None else state.initial_amount or 0
    adds: Amounts = {"count": 1, "orders": value, "discounted": 0, "gift": 0}
    context = RuleContext(
        facts=facts,
        redeemable=facts.redeemables[0],
        usage=usage_of(facts).adding(adds),
        before=state,
        after=state,
    )
    return evaluate(offer.rules, context).sets[0]
