"""Campaigns and codes that are worth credits or points."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Campaign, Reward, Voucher
from campaigns.services.campaign import (
    create_campaign,
    delete_campaign,
    update_campaign,
)
from campaigns.services.reward import delete_reward
from campaigns.services.voucher import add_voucher, create_voucher, update_voucher
from promo.errors import BadRequest, InvalidPayload
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from tests.factories.campaigns import (
    TEN_PERCENT,
    CampaignFactory,
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
)
from tests.factories.rewards import RewardAssignmentFactory
from tests.factories.tenancy import NOW, ProjectFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
GIFT = {"type": "GIFT_VOUCHER", "gift": {"amount": 2500, "effect": "APPLY_TO_ITEMS"}}
CARD = {"type": "LOYALTY_CARD", "loyalty_card": {"points": 30}}


def create(**body: Any) -> Campaign:
    values: dict[str, Any] = {"name": "Cards", "campaign_type": "GIFT_VOUCHERS"}
    return create_campaign(
        project=ProjectFactory(), now=NOW, **(values | {"voucher": GIFT} | body)
    )


@pytest.mark.spec("campaigns 1.1 GIFT_VOUCHERS")
def test_a_gift_campaign_keeps_its_template_and_makes_cards_of_it() -> None:
    campaign = create(vouchers_count=1)

    card = campaign.vouchers.get()
    assert campaign.voucher is not None
    assert campaign.voucher["gift"] == GIFT["gift"]
    assert "discount" not in campaign.voucher
    assert (card.type, card.discount) == ("GIFT_VOUCHER", None)
    assert (card.balance, card.credited_amount, card.initial_balance) == (2500,) * 3
    assert card.gift_effect == "APPLY_TO_ITEMS"
    assert card.redemption_quantity is None


def test_codes_made_in_the_background_carry_the_credits() -> None:
    campaign = create(vouchers_count=3)

    while run_step(AsyncAction.objects.get().pk, now=LATER):
        pass

    cards = campaign.vouchers.values_list("type", "balance")
    assert list(cards) == [("GIFT_VOUCHER", 2500)] * 3


@pytest.mark.parametrize("pool", ["AUTO_UPDATE", "STATIC", "STANDALONE"])
@pytest.mark.spec("campaigns 1.1 GIFT_VOUCHERS")
def test_a_gift_campaign_may_be_of_any_type(pool: str) -> None:
    assert create(type=pool).type == pool


@pytest.mark.spec("campaigns 1.1 LOYALTY_PROGRAM")
def test_a_programme_gives_everybody_one_card_with_points() -> None:
    campaign = create(
        campaign_type="LOYALTY_PROGRAM",
        voucher=CARD,
        join_once=False,
        vouchers_count=1,
    )

    card = campaign.vouchers.get()
    assert campaign.join_once is True
    assert (card.type, card.balance) == ("LOYALTY_CARD", 30)


@pytest.mark.spec("campaigns 1.1 LOYALTY_PROGRAM")
@pytest.mark.parametrize(
    "body", [{"type": "STANDALONE"}, {"voucher": {**CARD, "code": "ALL"}}]
)
def test_a_programme_without_cards_of_ones_own_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        create(**({"campaign_type": "LOYALTY_PROGRAM", "voucher": CARD} | body))

    assert refused.value.key == "invalid_campaign"
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("voucher", "kind"),
    [
        (GIFT, "GIFT_VOUCHERS"),
        ({"gift": {"amount": 1}}, "GIFT_VOUCHERS"),
        (CARD, "LOYALTY_PROGRAM"),
    ],
)
def test_the_kind_follows_from_the_voucher(voucher: Any, kind: str) -> None:
    assert create(campaign_type=None, voucher=voucher).campaign_type == kind


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (
            {"voucher": {"type": "GIFT_VOUCHER"}},
            "Property 'gift' is required for GIFT_VOUCHERS campaign",
        ),
        (
            {"voucher": {"type": "LOYALTY_CARD", "gift": {"amount": 1}}},
            "Property 'type' must be GIFT_VOUCHER for GIFT_VOUCHERS campaign",
        ),
        (
            {"voucher": {"gift": {}}},
            "Property .voucher.gift should have required property 'amount'",
        ),
        (
            {"campaign_type": "LOYALTY_PROGRAM", "voucher": {}},
            "Property 'loyalty_card' is required for LOYALTY_PROGRAM campaign",
        ),
    ],
)
def test_a_campaign_of_cards_without_worth_is_refused(
    body: dict[str, Any], details: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        create(**body)

    assert (refused.value.key, refused.value.details) == ("invalid_campaign", details)
    assert not Campaign.objects.exists()


def test_the_effect_of_a_gift_may_change_and_reaches_untouched_cards() -> None:
    campaign = GiftCampaignFactory(vouchers_count=2)
    fresh = add_voucher(campaign, now=NOW)
    used = add_voucher(campaign, now=NOW)
    Voucher.objects.filter(pk=used.pk).update(redeemed_quantity=1)

    changed = update_campaign(
        campaign,
        now=LATER,
        voucher={"gift": {"amount": 1, "effect": "APPLY_TO_ITEMS"}},
    )
    while run_step(AsyncAction.objects.get().pk, now=LATER):
        pass

    assert changed.voucher is not None
    assert changed.voucher["gift"] == {"amount": 5000, "effect": "APPLY_TO_ITEMS"}
    effects = {one.pk: one.gift_effect for one in campaign.vouchers.all()}
    assert effects == {fresh.pk: "APPLY_TO_ITEMS", used.pk: ""}
    assert set(campaign.vouchers.values_list("balance", flat=True)) == {5000}


def test_points_of_a_programme_do_not_change_and_neither_does_joining_once() -> None:
    program = LoyaltyProgramFactory()

    changed = update_campaign(
        program, now=LATER, voucher={"loyalty_card": {"points": 1}}, join_once=False
    )

    assert changed.voucher == program.voucher
    assert changed.join_once is True


def test_a_gift_that_is_no_object_is_refused() -> None:
    with pytest.raises(InvalidPayload) as refused:
        update_campaign(GiftCampaignFactory(), now=LATER, voucher={"gift": 5})

    assert refused.value.details == "Property .voucher.gift must be object"


def test_a_gift_card_may_stand_alone() -> None:
    card = create_voucher(project=ProjectFactory(), now=NOW, **GIFT)

    assert (card.type, card.balance, card.campaign) == ("GIFT_VOUCHER", 2500, None)


def test_a_voucher_added_to_a_gift_campaign_inherits_its_credits() -> None:
    campaign = GiftCampaignFactory()

    card = create_voucher(
        project=campaign.project, now=NOW, campaign=campaign.name, gift={"amount": 1}
    )

    assert (card.type, card.balance) == ("GIFT_VOUCHER", 5000)


@pytest.mark.parametrize(
    "sent", [{"discount": TEN_PERCENT}, {"type": "LOYALTY_CARD"}, CARD]
)
def test_a_voucher_of_another_type_than_its_campaigns_is_refused(sent: Any) -> None:
    campaign = GiftCampaignFactory()

    with pytest.raises(BadRequest) as refused:
        add_voucher(campaign, now=NOW, **sent)

    assert refused.value.key == "invalid_voucher"
    assert not campaign.vouchers.exists()


def test_the_effect_of_a_card_may_change_but_not_its_credits() -> None:
    card = GiftCardFactory(campaign=GiftCampaignFactory())

    update_voucher(card, now=LATER, gift={"amount": 9, "effect": "APPLY_TO_ITEMS"})

    card.refresh_from_db()
    assert (card.gift_effect, card.balance) == ("APPLY_TO_ITEMS", 5000)
    assert card.own_fields == ["gift_effect"]


def test_the_same_effect_again_changes_nothing() -> None:
    card = GiftCardFactory(campaign=GiftCampaignFactory())

    update_voucher(card, now=LATER, gift={"amount": 9})

    card.refresh_from_db()
    assert (card.own_fields, card.balance) == ([], 5000)


@pytest.mark.parametrize("make", [GiftCardFactory, LoyaltyCardFactory])
def test_a_card_gets_no_discount(make: Any) -> None:
    card = make()

    with pytest.raises(BadRequest) as refused:
        update_voucher(card, now=LATER, discount=TEN_PERCENT)

    card.refresh_from_db()
    assert refused.value.key == "invalid_voucher"
    assert (card.discount, card.updated_at) == (None, None)


def test_points_of_a_card_are_passed_over_by_an_update() -> None:
    card = LoyaltyCardFactory()

    update_voucher(card, now=LATER, loyalty_card={"points": 1}, gift={"amount": 1})

    card.refresh_from_db()
    assert card.balance == 1000


def test_a_coupon_passes_a_gift_over() -> None:
    coupon = VoucherFactory(campaign=CampaignFactory())

    update_voucher(coupon, now=LATER, gift={"amount": 5, "effect": "APPLY_TO_ITEMS"})

    coupon.refresh_from_db()
    assert (coupon.discount, coupon.gift_effect) == (TEN_PERCENT, "")


@pytest.mark.spec("campaigns 11 Exceeding balance")
def test_the_database_refuses_a_balance_below_zero() -> None:
    card = GiftCardFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Voucher.objects.filter(pk=card.pk).update(redeemed_amount=5001)

    card.refresh_from_db()
    assert card.balance == 5000


def test_a_deleted_programme_offers_no_reward_any_more() -> None:
    assignment = RewardAssignmentFactory()

    delete_campaign(assignment.campaign, now=LATER)

    assert not assignment.reward.assignments.alive().exists()
    delete_reward(assignment.reward, now=LATER)
    assert not Reward.objects.exists()
