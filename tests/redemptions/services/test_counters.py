"""Limits that come late, and limits that many reach at once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from promo.errors import PromoError
from redemptions.models import Counter, Redemption
from redemptions.services.erasure import forget_customer
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.services.validate import validate
from redemptions.services.verification import CHECKS
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import ProjectFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 14, 22, 40, tzinfo=UTC)
SOON = NOW + timedelta(minutes=30)


def limit(campaign, name, number):
    condition = {"name": name, "conditions": {"$less_than_or_equal": [number]}}
    rule = ValidationRuleFactory(project=campaign.project, rules={"1": condition})
    return AssignmentFactory(
        project=campaign.project, rule=rule, related_object_id=campaign.pk
    )


def basket(code, customer=None, order=None):
    return CheckoutRequest(
        redeemables=(RedeemableRef("voucher", code),),
        customer={"source_id": customer} if customer else None,
        order=order or {"amount": 10_000},
    )


@pytest.fixture
def campaign(project):
    project.timezone = "Europe/Warsaw"
    project.save()
    campaign = CampaignFactory(project=project)
    VoucherFactory(project=project, campaign=campaign, code="HOT")
    return campaign


def use(project, *, now=NOW, **rest):
    """Redeem the code; return the row, or the key of the refusal."""
    try:
        recorded = redeem(project=project, request=basket("HOT", **rest), now=now)
    except PromoError as refused:
        return refused.key
    return recorded.rows[0]


def undo(project, row, now=NOW):
    roll_back_redemption(
        project=project,
        reference=row.shown_id,
        request=RollbackRequest(),
        stacked=False,
        now=now,
    )


def used():
    return dict(Counter.objects.values_list("bucket", "used"))


REFUSED = "redemption_rules_violated"


@pytest.mark.spec("rules 5.2 Existing total")
def test_without_a_limit_nothing_is_counted(project, campaign):
    use(project, customer="ada")

    assert used() == {}


@pytest.mark.spec("rules 5.2 Validation vs redemption")
def test_a_limit_added_later_sees_what_was_redeemed_before(project, campaign):
    use(project)
    undo(project, use(project))
    use(project)
    limit(campaign, "campaign.redemptions.count", 3)

    before = validate(project=project, request=basket("HOT"), now=NOW).decision.valid
    outcomes = [use(project), use(project)]
    after = validate(project=project, request=basket("HOT"), now=NOW).decision.valid

    assert (before, after) == (True, False)
    assert outcomes[1] == REFUSED
    assert used() == {"count": 3}


@pytest.mark.spec("rules 5.2 Existing total")
def test_failures_never_count_and_a_rollback_frees_its_place(project, campaign):
    limit(campaign, "campaign.redemptions.count", 1)

    first = use(project)
    refused = use(project)
    undo(project, first)
    again = use(project)

    assert refused == REFUSED
    assert again.claims[campaign.pk]["count"] == 1
    assert used() == {"count": 1}


@pytest.mark.spec("rules 5.2 Existing total")
def test_a_rollback_of_what_was_not_counted_yet_lowers_the_sum_made_since(
    project, campaign
):
    first = use(project)
    limit(campaign, "campaign.redemptions.count", 2)
    use(project)

    undo(project, first)

    assert used() == {"count": 1}


@pytest.mark.spec("rules 5.2 Calendar windows")
def test_sunday_night_and_monday_morning_are_two_weeks(project, campaign):
    limit(campaign, "redemption.count.per_customer.weekly", 1)

    sunday = use(project, customer="ada")
    again = use(project, customer="ada")
    monday = use(project, customer="ada", now=SOON)
    undo(project, sunday, now=SOON)

    assert again == REFUSED
    assert monday.status == "SUCCEEDED"
    weeks = {bucket.rsplit(":")[-1]: number for bucket, number in used().items()}
    assert weeks == {"w2027-03-08": 0, "w2027-03-15": 1}


@pytest.mark.spec("rules 5.2 Order value for `campaign.orders.amount`")
def test_an_order_counts_once_until_its_last_redemption_is_rolled_back(
    project, campaign
):
    limit(campaign, "campaign.orders.amount", 15_000)
    VoucherFactory(project=project, campaign=campaign, code="TWO")
    order = {"source_id": "o-1", "amount": 10_000}

    first = use(project, order=order)
    second = redeem(project=project, request=basket("TWO", order=order), now=NOW)
    counted = [used()]
    undo(project, first)
    counted.append(used())
    undo(project, second.rows[0])

    assert counted == [{"orders": 10_000}, {"orders": 10_000}]
    assert used() == {"orders": 0}


def test_a_limit_that_comes_back_has_missed_nothing(project, campaign):
    assigned = limit(campaign, "campaign.redemptions.count", 3)
    use(project)
    assigned.delete()
    use(project)
    limit(campaign, "campaign.redemptions.count", 2)

    assert use(project) == REFUSED
    assert used() == {"count": 2}


def test_a_deleted_counter_is_summed_up_again(project, campaign):
    limit(campaign, "campaign.redemptions.count", 2)
    use(project)
    Counter.objects.all().delete()

    outcomes = [use(project), use(project)]

    assert outcomes[1] == REFUSED
    assert used() == {"count": 2}


def test_a_forgotten_customer_leaves_the_counts_of_everybody(project, campaign):
    limit(campaign, "campaign.redemptions.customers_count", 5)
    row = use(project, customer="ada")
    use(project, customer="bob")

    forget_customer(row.customer, now=NOW)

    row.refresh_from_db()
    assert set(row.claims) == {campaign.pk, row.voucher_id}
    assert not [name for one in row.claims.values() for name in one if "cust" in name]
    assert row.claims[campaign.pk]["count"] == 1
    assert list(used().values()) == [1]
    assert [drift for check in CHECKS for drift in check.find()] == []


@pytest.mark.spec("rules 5.2 Concurrency")
@pytest.mark.django_db(transaction=True)
def test_a_limit_that_comes_while_many_redeem_holds_exactly():
    project = ProjectFactory()
    campaign = CampaignFactory(project=project)
    for number in range(8):
        VoucherFactory(project=project, campaign=campaign, code=f"CODE{number}")
    start, some_are_done = threading.Barrier(9), threading.Event()

    def run(number):
        start.wait()
        try:
            for turn in range(12):
                try:
                    code = basket(f"CODE{number}", customer=f"c{number}")
                    redeem(project=project, request=code, now=NOW)
                except PromoError:
                    continue
                finally:
                    if turn == 2:
                        some_are_done.set()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    start.wait()
    some_are_done.wait()
    limit(campaign, "campaign.redemptions.count", 80)
    for thread in threads:
        thread.join()

    assert Redemption.objects.standing().count() == 80
    assert used() == {"count": 80}
