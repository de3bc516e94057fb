"""Many checkouts at once, on real connections: limits hold exactly."""

import threading
from collections import Counter as Tally
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection

from promo.errors import PromoError
from redemptions.engine.claims import CounterClaim
from redemptions.engine.counters import customer_part
from redemptions.models import Counter, Redemption
from redemptions.services.claims import ClaimLost, Uses, claim
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import ProjectFactory
from tests.redemptions.api.test_unit_caps import coupon

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
THREADS = 64


def at_once(work, count):
    start, outcomes = threading.Barrier(count), []

    def run(number):
        start.wait()
        try:
            outcomes.append(work(number))
        except (PromoError, ClaimLost) as refused:
            outcomes.append(getattr(refused, "key", "lost"))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Tally(outcomes)


def basket(*codes, customer=None):
    refs = tuple(RedeemableRef("voucher", code) for code in codes)
    return CheckoutRequest(redeemables=refs, customer=customer, order={"amount": 10000})


@pytest.mark.spec("rules 5.3 uses per code")
@pytest.mark.spec("engine 12.2 quantity_exceeded")
@pytest.mark.django_db(transaction=True)
def test_64_checkouts_use_a_code_of_100_exactly_100_times():
    project = ProjectFactory()
    voucher = VoucherFactory(project=project, code="HOT", redemption_quantity=100)

    def work(_):
        mine = Tally()
        for _ in range(3):
            try:
                redeem(project=project, request=basket("HOT"), now=NOW)
                mine["done"] += 1
            except PromoError as refused:
                mine[refused.key] += 1
        return tuple(mine.items())

    outcomes = at_once(work, THREADS)

    total = Tally()
    for outcome, times in outcomes.items():
        for _ in range(times):
            total.update(dict(outcome))
    voucher.refresh_from_db()
    assert total == {"done": 100, "quantity_exceeded": 92}
    assert voucher.redeemed_quantity == 100
    assert project.redemptions.standing().count() == 100
    assert project.redemptions.filter(result="FAILURE").count() == 92
    assert project.orders.count() == 100


@pytest.mark.django_db(transaction=True)
def test_64_claims_of_one_customer_limited_to_one_succeed_once():
    project = ProjectFactory()
    voucher = VoucherFactory(project=project)
    ada = CustomerFactory(project=project)
    key = (voucher.pk, f"count{customer_part(ada.pk)}")
    uses = Uses([CounterClaim(*key, 1, limit=1)], missing={key})

    outcomes = at_once(lambda _: claim(project, uses, NOW) and "done", THREADS)

    assert outcomes == {"done": 1, "lost": 63}
    assert Counter.objects.get().used == 1


@pytest.mark.django_db(transaction=True)
def test_baskets_in_opposite_orders_never_deadlock_and_counts_are_exact():
    project = ProjectFactory()
    campaign = CampaignFactory(project=project)
    codes = [f"CODE{n}" for n in range(5)]
    for code in codes:
        VoucherFactory(project=project, campaign=campaign, code=code)

    def work(number):
        chosen = codes if number % 2 else codes[::-1]
        customer = {"source_id": f"customer-{number % 4}"}
        redeem(project=project, request=basket(*chosen, customer=customer), now=NOW)
        return "done"

    outcomes = at_once(work, 32)

    assert outcomes == {"done": 32}
    quantities = project.vouchers.values_list("redeemed_quantity", flat=True)
    assert list(quantities) == [32] * 5
    assert Redemption.objects.standing().count() == 160
    assert not Counter.objects.exists()
    assert project.customers.count() == 4


@pytest.mark.django_db(transaction=True)
def test_checkouts_of_one_new_order_share_it():
    project = ProjectFactory()
    voucher = VoucherFactory(project=project, code="HOT")
    order = {"source_id": "order-1", "amount": 10_000}
    request = CheckoutRequest(
        redeemables=(RedeemableRef("voucher", "HOT"),), order=order
    )

    outcomes = at_once(
        lambda _: redeem(project=project, request=request, now=NOW).rows[0].order_id, 8
    )

    voucher.refresh_from_db()
    (stored,) = project.orders.all()
    assert outcomes == {stored.pk: 8}
    assert voucher.redeemed_quantity == 8


@pytest.mark.django_db(transaction=True)
def test_16_checkouts_discount_exactly_the_units_that_a_cap_leaves():
    project = ProjectFactory()
    coupon(project, product_campaign_quantity_limit=20)
    items = [{"source_id": "tea", "quantity": 2}]
    request = replace(basket("TEA"), order={"items": items})

    def work(_):
        done = redeem(project=project, request=request, now=NOW)
        return done.decision.order.items_discount_amount

    outcomes = at_once(work, 16)

    assert outcomes == {200: 10, 0: 6}
    assert Counter.objects.get().used == 20
