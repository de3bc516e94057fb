"""Caps on units over the life of a campaign: read, claimed, given back."""

import pytest

from redemptions.models import Counter
from redemptions.services.verification import CHECKS
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.catalogue import ProductFactory
from tests.factories.rules import AssignmentFactory
from tests.redemptions.api.test_redeeming import ask

pytestmark = pytest.mark.django_db

A_UNIT = {
    "type": "AMOUNT",
    "amount_off": 100,
    "effect": "APPLY_TO_ITEMS_BY_QUANTITY",
}


def coupon(project, code="TEA", **caps):
    """A code of a campaign that discounts so many units of tea."""
    tea = ProductFactory(project=project, source_id="tea", price=1000)
    campaign = CampaignFactory(project=project)
    AssignmentFactory(
        project=project,
        rule__applicable_to={"included": [{"object": "product", "id": tea.pk, **caps}]},
        related_object_id=campaign.pk,
        related_object_type="campaign",
    )
    return VoucherFactory(
        project=project,
        campaign=campaign,
        code=code,
        discount=A_UNIT,
        redemption_quantity=None,
    )


def teas(quantity):
    return {"items": [{"source_id": "tea", "quantity": quantity}]}


def off(api, path, quantity, customer=None):
    who = {"customer": {"source_id": customer}} if customer else {}
    response = api.post(path, ask("TEA", order=teas(quantity), **who))
    assert response.status_code == 200, response.json()
    answer = response.json()
    return answer, answer["order"].get("items_discount_amount", 0)


@pytest.mark.spec("rules 5.3 discounted units per campaign / customer / tier")
def test_a_campaigns_units_run_out_without_refusing_anybody(api, project):
    coupon(project, product_campaign_quantity_limit=4)

    taken = [off(api, "/v1/redemptions", 3)[1] for _ in range(3)]
    validated = off(api, "/v1/validations", 3)[1]

    assert (taken, validated) == ([300, 100, 0], 0)
    units = Counter.objects.filter(bucket__startswith="units:")
    assert list(units.values_list("used", flat=True)) == [4]


def test_each_customer_has_units_of_their_own(api, project):
    coupon(project, product_customer_campaign_quantity_limit=2)

    taken = [off(api, "/v1/redemptions", 3, who)[1] for who in ("ada", "ada", "bob")]

    assert taken == [200, 0, 200]
    assert off(api, "/v1/validations", 3)[1] == 200


@pytest.mark.spec("engine 10 counters, budgets, unit caps")
def test_a_rollback_returns_the_units(api, project):
    coupon(
        project,
        product_campaign_quantity_limit=3,
        product_customer_campaign_quantity_limit=2,
    )
    done, _ = off(api, "/v1/redemptions", 3, "ada")

    name = done["redemptions"][0]["id"]
    response = api.post(f"/v1/redemptions/{name}/rollback")

    assert response.status_code == 200, response.json()
    units = Counter.objects.filter(bucket__startswith="units:")
    assert list(units.values_list("used", flat=True)) == [0, 0]
    assert off(api, "/v1/redemptions", 3, "ada")[1] == 200


def test_a_rollback_after_the_customer_is_gone_returns_the_units_too(api, project):
    coupon(
        project,
        product_campaign_quantity_limit=3,
        product_customer_campaign_quantity_limit=2,
    )
    done, _ = off(api, "/v1/redemptions", 3, "ada")
    project.customers.all().delete()

    name = done["redemptions"][0]["id"]
    response = api.post(f"/v1/redemptions/{name}/rollback")

    assert response.status_code == 200, response.json()
    units = Counter.objects.filter(bucket__startswith="units:")
    assert sorted(units.values_list("used", flat=True)) == [0, 0]


def test_a_cap_costs_one_statement_more(api, project, django_assert_num_queries):
    coupon(project, product_campaign_quantity_limit=4)
    off(api, "/v1/validations", 1)

    with django_assert_num_queries(5):
        off(api, "/v1/validations", 1)


def test_a_cap_that_comes_later_counts_what_was_discounted_before(api, project):
    code = coupon(project)
    assert off(api, "/v1/redemptions", 3, "ada")[1] == 300
    assert not Counter.objects.filter(bucket__startswith="units:").exists()
    entry = {"object": "product", "id": project.products.get(source_id="tea").pk}
    AssignmentFactory(
        project=project,
        rule__applicable_to={
            "included": [
                {
                    **entry,
                    "product_campaign_quantity_limit": 6,
                    "product_customer_campaign_quantity_limit": 4,
                }
            ]
        },
        related_object_id=code.pk,
        related_object_type="voucher",
    )

    taken = [off(api, "/v1/redemptions", 3, who)[1] for who in ("ada", "bob")]

    assert taken == [100, 200]
    assert [drift for check in CHECKS for drift in check.find()] == []


def test_units_of_a_plain_discount_are_counted_and_rolled_back(api, project):
    coupon(project)
    done, _ = off(api, "/v1/redemptions", 3, "ada")

    campaign = project.campaigns.get().pk
    counted = project.redemptions.get().claims[campaign]
    rollback = f"/v1/redemptions/{done['redemptions'][0]['id']}/rollback"

    assert [n for name, n in counted.items() if name.startswith("units:")] == [3, 3]
    assert api.post(rollback).status_code == 200
    assert [drift for check in CHECKS for drift in check.find()] == []
