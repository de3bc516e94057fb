import pytest

from customers.models import Customer
from customers.models.customer import empty_summary
from promo.clock import utc_now
from promo.outbox.relay import publish_batch
from redemptions.services.customer_summary import refresh_summaries
from tests.factories.campaigns import (
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
)
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW
from tests.redemptions.api.test_redeeming import ask, coupon

pytestmark = pytest.mark.django_db
ADA = {"source_id": "ada"}


def summary_of(project):
    return Customer.objects.get(project=project, source_id="ada").summary


def test_figures_follow_redemptions_failures_rollbacks_and_orders(api, project):
    coupon(project)
    order = {"source_id": "o-1", "amount": 10_000, "status": "PAID"}
    first = api.post("/v1/redemptions", ask("SAVE20", customer=ADA, order=order))
    api.post("/v1/redemptions", ask("UNKNOWN", customer=ADA))
    second = {"source_id": "o-2", "amount": 2_501, "status": "PAID"}
    api.post("/v1/orders", {**second, "customer": ADA})
    publish_batch(now=utc_now())

    before = summary_of(project)
    (redemption,) = first.json()["redemptions"]
    api.post(f"/v1/redemptions/{redemption['id']}/rollback")
    publish_batch(now=utc_now())

    after = summary_of(project)
    orders = before["orders"]
    assert before["redemptions"]["total_succeeded"] == 1
    assert before["redemptions"]["total_redeemed"] == (
        1 + before["redemptions"]["total_failed"]
    )
    assert before["redemptions"]["total_rolled_back"] == 0
    assert orders.pop("last_order_date").endswith("Z")
    assert orders == {
        "total_amount": 8_000 + 2_501,
        "total_count": 2,
        "average_amount": 5_251,
        "last_order_amount": 2_501,
    }
    assert after["redemptions"]["total_rolled_back"] == 1
    assert after["redemptions"]["total_rollback_succeeded"] == 1
    assert after["orders"]["total_count"] == 1


def test_figures_cost_the_same_for_one_customer_as_for_twenty(
    project, django_assert_num_queries
):
    people = CustomerFactory.create_batch(20, project=project)

    for some in (people[:1], people):
        with django_assert_num_queries(8):
            changed = refresh_summaries(project, [one.pk for one in some], now=NOW)
        assert changed == 0
    assert Customer.objects.get(pk=people[0].pk).summary == empty_summary()


def test_another_projects_customers_are_left_alone(project, other_project):
    stranger = CustomerFactory.create(project=other_project)

    assert refresh_summaries(project, [stranger.pk], now=NOW) == 0


def test_figures_follow_the_cards_that_a_customer_holds_and_uses(api, project):
    ada = CustomerFactory(project=project, source_id="ada")
    GiftCardFactory(project=project, code="MINE", holder=ada)
    GiftCardFactory(project=project, code="SHARED")
    GiftCardFactory(project=project, code="BINNED", holder=ada, deleted_at=NOW)
    LoyaltyCardFactory(
        campaign=LoyaltyProgramFactory(project=project), code="CLUB", holder=ada
    )
    codes = ask("MINE", "SHARED", customer=ADA, order={"amount": 7_000})
    parent = api.post("/v1/redemptions", codes).json()["parent_redemption"]["id"]
    api.post("/v1/vouchers/CLUB/balance", {"amount": 20})
    publish_batch(now=utc_now())

    before = summary_of(project)["redemptions"]
    api.post(f"/v1/redemptions/{parent}/rollbacks")
    publish_batch(now=utc_now())

    after = summary_of(project)["redemptions"]
    assert before["gift"] == {"redeemed_amount": 7_000, "amount_to_go": 0}
    assert after["gift"] == {"redeemed_amount": 0, "amount_to_go": 5_000}
    assert after["loyalty_card"] == {"redeemed_points": 0, "points_to_go": 1_020}


def test_what_others_use_of_a_card_is_missing_from_its_holder(api, project):
    ada = CustomerFactory(project=project, source_id="ada")
    GiftCardFactory(project=project, code="MINE", holder=ada)
    bob = {"source_id": "bob"}

    api.post("/v1/redemptions", ask("MINE", customer=bob, order={"amount": 2_000}))
    publish_batch(now=utc_now())

    figures = summary_of(project)["redemptions"]["gift"]
    assert figures == {"redeemed_amount": 0, "amount_to_go": 3_000}
