"""The bin and checkouts: what was used before a deletion counts after the restore."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Voucher
from campaigns.services.bin_erasure import erase_entry
from campaigns.services.campaign import delete_campaign
from campaigns.services.product import delete_product
from campaigns.services.restore import restore_entry
from campaigns.services.voucher import delete_voucher
from promo.errors import PromoError
from promo.jobs.actions import run_step
from promo.outbox.relay import publish_batch
from promo.tenancy.models import Project
from redemptions.models import Counter, LedgerEntry, SessionLock
from redemptions.services.balance import change_balance
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from redemptions.services.verification import CHECKS
from tests.factories.campaigns import (
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, listing
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def run_all(project: Project) -> None:
    """Finish all background work of the project."""
    for action in project.async_actions.filter(finished_at=None).order_by("pk"):
        while run_step(action.pk, now=LATER):
            pass


def bin_it(thing: Any) -> None:
    delete = {"Campaign": delete_campaign, "Product": delete_product}
    delete.get(type(thing).__name__, delete_voucher)(thing, now=LATER)
    run_all(thing.project)


def restore(thing: Any) -> None:
    entry = thing.project.bin_entries.get(resource_id=thing.pk)
    restore_entry(entry, now=LATER)
    run_all(thing.project)


def use(project: Project, reference: str, **rest: Any) -> Any:
    """Redeem a code, tier or stack; return the row, or the key of the refusal."""
    kinds = {"promo_": "promotion_tier", "stack_": "promotion_stack"}
    found = (kind for prefix, kind in kinds.items() if reference.startswith(prefix))
    named = RedeemableRef(next(found, "voucher"), reference)
    request = CheckoutRequest(
        redeemables=(named,), **({"order": {"amount": 10_000}} | rest)
    )
    try:
        return redeem(project=project, request=request, now=LATER).rows[0]
    except PromoError as refused:
        return refused.key


def drifts() -> dict[str, int]:
    return {c.name: n for c in CHECKS if (n := len(list(c.find())))}


@pytest.fixture(params=["voucher", "campaign"])
def what(request: pytest.FixtureRequest) -> str:
    """Whether the code is deleted by itself or with its campaign."""
    kind: str = request.param
    return kind


def chosen(voucher: Voucher, what: str) -> Any:
    return voucher if what == "voucher" else voucher.campaign


def test_a_code_is_used_up_at_its_limit_whatever_was_deleted_between(
    project: Project, what: str
) -> None:
    campaign = CampaignFactory(project=project, vouchers_count=1)
    code = VoucherFactory(campaign=campaign, code="HOT", redemption_quantity=3)
    assert use(project, "HOT").status == "SUCCEEDED"

    bin_it(chosen(code, what))
    assert use(project, "HOT") == "not_found"
    restore(chosen(code, what))

    assert use(project, "HOT").status == "SUCCEEDED"
    assert use(project, "HOT").status == "SUCCEEDED"
    assert use(project, "HOT") == "quantity_exceeded"
    code.refresh_from_db()
    assert code.redeemed_quantity == 3
    assert code.redemptions.standing().count() == 3
    assert drifts() == {}


def test_limits_by_rule_count_what_was_redeemed_before(
    project: Project, what: str
) -> None:
    campaign = CampaignFactory(project=project, vouchers_count=1)
    code = VoucherFactory(campaign=campaign, code="HOT")
    daily = {
        "name": "redemption.count.daily",
        "conditions": {"$less_than_or_equal": [2]},
    }
    for related in (campaign, code):
        rule = ValidationRuleFactory(project=project, rules={"1": daily})
        AssignmentFactory(project=project, rule=rule, related_object_id=related.pk)
    assert use(project, "HOT").status == "SUCCEEDED"
    counters = list(Counter.objects.order_by("pk").values("subject", "bucket", "used"))

    bin_it(chosen(code, what))
    restore(chosen(code, what))

    kept = list(Counter.objects.order_by("pk").values("subject", "bucket", "used"))
    assert kept == counters
    assert use(project, "HOT").status == "SUCCEEDED"
    assert use(project, "HOT") == "redemption_rules_violated"
    assert drifts() == {}


def test_a_gift_card_has_its_balance_and_ledger_again(
    project: Project, what: str
) -> None:
    campaign = GiftCampaignFactory(project=project, vouchers_count=1)
    card = GiftCardFactory(campaign=campaign, code="GIFT")
    change_balance(card, amount=1_000, now=NOW)
    use(project, "GIFT", order={"amount": 2_500})
    entries = list(LedgerEntry.objects.order_by("pk").values())

    bin_it(chosen(card, what))
    restore(chosen(card, what))

    card.refresh_from_db()
    assert card.balance == 3_500
    assert list(LedgerEntry.objects.order_by("pk").values()) == entries
    assert use(project, "GIFT", order={"amount": 3_500}).status == "SUCCEEDED"
    card.refresh_from_db()
    assert card.balance == 0
    assert drifts() == {}


def test_what_is_rolled_back_in_the_bin_can_be_used_after_the_restore(
    project: Project, what: str
) -> None:
    campaign = CampaignFactory(project=project, vouchers_count=1)
    code = VoucherFactory(campaign=campaign, code="ONCE", redemption_quantity=1)
    row = use(project, "ONCE")

    bin_it(chosen(code, what))
    roll_back_redemption(
        project=project,
        reference=row.shown_id,
        request=RollbackRequest(),
        stacked=False,
        now=LATER,
    )
    restore(chosen(code, what))

    assert use(project, "ONCE").status == "SUCCEEDED"
    assert use(project, "ONCE") == "quantity_exceeded"
    assert drifts() == {}


def test_a_session_still_holds_a_code_that_was_restored(
    api: ApiClient, what: str
) -> None:
    campaign = CampaignFactory(project=api.project, vouchers_count=1)
    code = VoucherFactory(campaign=campaign, code="ONCE", redemption_quantity=1)
    body = {
        "redeemables": [{"object": "voucher", "id": "ONCE"}],
        "order": {"amount": 1_000},
        "session": {"type": "LOCK", "key": "mine"},
    }
    assert api.post("/v1/validations", body).json()["valid"] is True

    bin_it(chosen(code, what))
    restore(chosen(code, what))

    code.refresh_from_db()
    assert (code.held_quantity, SessionLock.objects.count()) == (1, 1)
    (refused,) = api.post(
        "/v1/validations", body | {"session": {"type": "LOCK", "key": "other"}}
    ).json()["redeemables"]
    assert refused["result"]["error"]["key"] == "quantity_exceeded"
    assert api.post("/v1/redemptions", body).status_code == 200
    assert drifts() == {}


def test_tiers_and_stacks_count_on(project: Project) -> None:
    tier = TierFactory(project=project)
    promotion = tier.campaign
    stack = StackFactory(project=project, campaign=promotion, tiers=[tier])
    assert use(project, tier.pk).status == "SUCCEEDED"

    bin_it(promotion)
    assert use(project, tier.pk) == "not_found"
    assert use(project, stack.pk) == "not_found"
    restore(promotion)

    assert use(project, tier.pk).status == "SUCCEEDED"
    assert use(project, stack.pk).status == "SUCCEEDED"
    tier.refresh_from_db()
    assert (tier.redeemed_quantity, tier.orders_amount) == (3, 30_000)
    assert drifts() == {}


def test_points_and_members_come_back_with_their_programme(
    project: Project,
) -> None:
    ada = CustomerFactory(project=project, source_id="ada")
    card = LoyaltyCardFactory(
        campaign__project=project, campaign__vouchers_count=1, code="CLUB", holder=ada
    )

    bin_it(card.campaign)
    restore(card.campaign)

    card.refresh_from_db()
    assert (card.holder, card.balance, card.deleted_at) == (ada, 1_000, None)


def test_a_customers_figures_follow_a_card_into_the_bin_and_out(
    project: Project,
) -> None:
    ada = CustomerFactory(project=project, source_id="ada")
    card = GiftCardFactory(project=project, holder=ada)

    def left() -> int:
        publish_batch(now=LATER)
        ada.refresh_from_db()
        amount: int = ada.summary["redemptions"]["gift"]["amount_to_go"]
        return amount

    bin_it(card)
    in_the_bin = left()
    restore(card)

    assert (in_the_bin, left()) == (0, 5_000)


def test_a_rule_asks_about_a_restored_product_as_before(project: Project) -> None:
    product = ProductFactory(project=project, source_id="tea")
    collection = listing(product)
    code = VoucherFactory(project=project, code="TEA")
    condition = {
        "name": "product.id",
        "property": None,
        "conditions": {"$is": [{"id": collection.pk, "object": "products_collection"}]},
    }
    rule = ValidationRuleFactory(
        project=project, rules={"1": {**condition, "name": "order.items.any"}}
    )
    AssignmentFactory(project=project, rule=rule, related_object_id=code.pk)
    items = [{"source_id": "tea", "quantity": 1, "price": 500}]
    assert use(project, "TEA", order={"items": items}).status == "SUCCEEDED"

    bin_it(product)
    refused = use(project, "TEA", order={"items": items})
    restore(product)

    assert refused == "order_rules_violated"
    assert use(project, "TEA", order={"items": items}).status == "SUCCEEDED"


def test_history_stays_after_an_erasure(project: Project) -> None:
    code = VoucherFactory(project=project, code="ONCE")
    use(project, "ONCE")
    bin_it(code)

    erase_entry(project.bin_entries.get(), now=LATER)

    assert project.redemptions.standing().get().voucher_code == "ONCE"
    assert use(project, "ONCE") == "not_found"
    assert drifts() == {}
