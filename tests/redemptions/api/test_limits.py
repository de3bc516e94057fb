"""Limits of rules at the checkout, as a shop meets them."""

from uuid import UUID

import pytest
import time_machine

from promo.ids import new_id
from redemptions.models import Counter
from redemptions.services.counters import read_counters
from tests.factories.campaigns import CampaignFactory, GiftCardFactory, VoucherFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW, server_key
from tests.fixtures.api import ApiClient, server_client
from tests.redemptions.api.test_redeeming import ask

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as frozen:
        yield frozen


def limited(project, name, number, code="SAVE"):
    """A code of a campaign with one limit."""
    campaign = CampaignFactory(project=project)
    condition = {"name": name, "conditions": {"$less_than_or_equal": [number]}}
    AssignmentFactory(
        project=project,
        rule=ValidationRuleFactory(project=project, rules={"1": condition}),
        related_object_id=campaign.pk,
    )
    return VoucherFactory(project=project, campaign=campaign, code=code)


def redeem(api, code="SAVE", **rest):
    """Redeem the code; return the id of the redemption, or the key of the refusal."""
    answer = api.post(
        "/v1/redemptions", ask(code, **({"order": {"amount": 9000}} | rest))
    )
    shown = answer.json()
    return shown["redemptions"][0]["id"] if answer.status_code == 200 else shown["key"]


REFUSED = "redemption_rules_violated"


@pytest.mark.spec("engine 9.2 campaign, tier")
@pytest.mark.spec("engine 12.2 redemption_rules_violated")
@pytest.mark.spec("rules 5.2 Exhaustion")
def test_a_spent_budget_refuses_and_leaves_everything_alone(api, project):
    voucher = limited(project, "campaign.orders.amount_discounted", 1000)

    first, second = redeem(api), redeem(api)
    smaller = redeem(api, order={"amount": 1000})

    voucher.refresh_from_db()
    assert first.startswith("r_")
    assert second == REFUSED
    assert smaller.startswith("r_")
    assert voucher.redeemed_quantity == 2
    assert list(Counter.objects.values_list("used", flat=True)) == [1000]


@pytest.mark.spec("engine 10 counters, budgets, unit caps")
def test_a_rollback_makes_room_again(api, project):
    limited(project, "campaign.redemptions.count", 1)
    first = redeem(api)

    refused = redeem(api)
    api.post(f"/v1/redemptions/{first}/rollback")
    again = redeem(api)

    assert refused == REFUSED
    assert again.startswith("r_")


@pytest.mark.spec("rules 5.1 …count.daily")
@pytest.mark.spec("rules 5.2 Calendar windows")
def test_a_new_day_of_the_project_brings_new_uses(api, project, clock):
    project.timezone = "Asia/Tokyo"
    project.save()
    limited(project, "campaign.redemptions.count.daily", 1)
    clock.move_to("2027-03-14T14:59:00Z")

    today = [redeem(api), redeem(api)]
    clock.move_to("2027-03-14T15:00:00Z")
    tomorrow = [redeem(api), redeem(api)]

    assert [one.startswith("r_") for one in today] == [True, False]
    assert [one.startswith("r_") for one in tomorrow] == [True, False]


@pytest.mark.spec("rules 5.1 redemption.count.per_api_key")
def test_each_key_has_its_own_uses(api, project):
    limited(project, "redemption.count.per_api_key", 1)

    assert redeem(api).startswith("r_")
    assert redeem(api) == REFUSED
    assert redeem(server_client(project)).startswith("r_")


def test_digests_that_begin_like_a_day_count_for_ever(project):
    """Keys and digests of logins are as good as random: some begin like a day."""
    keys = [
        (new_id("v_"), f"count:user:{UUID(int=0xD6 << 120).hex}"),
        (new_id("v_"), f"count:customer:{UUID(int=0xD6 << 120).hex}"),
    ]

    assert read_counters(project, keys).used == dict.fromkeys(keys, 0)


def test_a_key_that_begins_like_a_day_has_its_own_uses(project):
    voucher = limited(project, "redemption.count.per_api_key", 1)
    issued = server_key(project)
    issued.key.app_id = UUID("d6f7fac4-80c8-4165-b3fc-beeb6ddf6317")
    issued.key.save()
    pair = {"X-App-Id": str(issued.key.app_id), "X-App-Token": issued.secret}
    api = ApiClient(project, pair)

    assert redeem(api).startswith("r_")
    assert redeem(api) == REFUSED
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 1


@pytest.mark.spec("rules 5.1 campaign.redemptions.customers_count")
def test_each_customer_has_uses_in_the_whole_campaign(api, project):
    voucher = limited(project, "campaign.redemptions.customers_count", 1)
    VoucherFactory(project=project, campaign=voucher.campaign, code="OTHER")
    ada, bob = ({"source_id": name} for name in ("ada", "bob"))

    assert redeem(api, customer=ada).startswith("r_")
    assert redeem(api, "OTHER", customer=ada) == REFUSED
    assert redeem(api, "OTHER", customer=bob).startswith("r_")
    assert redeem(api, "OTHER") == "missing_customer"


@pytest.mark.spec("rules 4.6 redemption.gift.amount")
@pytest.mark.spec("rules 5.1 redemption.gift.amount")
def test_a_budget_of_credits_spans_the_cards_of_a_campaign(api, project):
    voucher = limited(project, "redemption.gift.amount", 5000)
    for code in ("ONE", "TWO"):
        GiftCardFactory(project=project, campaign=voucher.campaign, code=code)

    assert redeem(api, "ONE", order={"amount": 3000}).startswith("r_")
    assert redeem(api, "TWO", order={"amount": 3000}) == REFUSED
    assert redeem(api, "TWO", order={"amount": 2000}).startswith("r_")


@pytest.mark.spec("rules 5.3 credits, points")
def test_a_card_pays_up_to_its_balance(api, project):
    GiftCardFactory(project=project, code="CARD", credited_amount=500)
    whole = {"object": "voucher", "id": "CARD", "gift": {"credits": 501}}
    body = {"redeemables": [whole], "order": {"amount": 9000}}

    assert api.post("/v1/redemptions", body).json()["key"] == "gift_amount_exceeded"


@pytest.mark.spec("rules 5.3 maximum percent discount")
def test_a_percentage_is_trimmed_to_its_maximum(api, project):
    most = {"type": "PERCENT", "percent_off": 50, "amount_limit": 700}
    VoucherFactory(project=project, code="HALF", discount=most)

    shown = api.post("/v1/redemptions", ask("HALF", order={"amount": 9000})).json()

    assert shown["order"]["total_discount_amount"] == 700


@pytest.mark.spec("rules 5.2 Sessions")
def test_a_lock_reserves_no_counter(api, project):
    limited(project, "campaign.redemptions.count", 1)
    asked = ask("SAVE", order={"amount": 9000})
    locked = api.post("/v1/validations", {**asked, "session": {"type": "LOCK"}}).json()

    other = redeem(api)
    mine = api.post("/v1/redemptions", {**asked, "session": locked["session"]})

    assert locked["valid"] is True
    assert other.startswith("r_")
    assert mine.json()["key"] == REFUSED


def test_a_limit_is_read_with_one_statement_more(
    api, project, django_assert_num_queries
):
    limited(project, "campaign.redemptions.count", 9)
    VoucherFactory(project=project, code="FREE")
    without, within = (ask(code, order={"amount": 9000}) for code in ("FREE", "SAVE"))
    for body in (without, within):
        api.post("/v1/validations", body)

    with django_assert_num_queries(2):
        api.post("/v1/validations", without)
    with django_assert_num_queries(3):
        api.post("/v1/validations", within)
