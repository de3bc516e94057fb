from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, Voucher
from campaigns.services.campaign import (
    create_campaign,
    delete_campaign,
    disable_campaign,
    enable_campaign,
    update_campaign,
)
from promo.errors import BadRequest, Duplicate, InvalidPayload, ResourceProtected
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.outbox.models import DomainEvent
from tests.factories.campaigns import (
    TEN_PERCENT,
    CampaignFactory,
    CategoryFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.tenancy import NOW, ProjectFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def create(project: Any = None, **body: Any) -> Campaign:
    values = {"name": "Spring", "campaign_type": "DISCOUNT_COUPONS"}
    values["voucher"] = {"type": "DISCOUNT_VOUCHER", "discount": TEN_PERCENT}
    return create_campaign(
        project=project or ProjectFactory(), now=NOW, **(values | body)
    )


def run_to_end(action: AsyncAction) -> AsyncAction:
    while run_step(action.pk, now=LATER):
        pass
    action.refresh_from_db()
    return action


def kinds() -> list[str]:
    return list(DomainEvent.objects.order_by("id").values_list("type", flat=True))


def test_a_campaign_is_created_with_its_defaults() -> None:
    campaign = create()

    campaign.refresh_from_db()
    assert campaign.type == "STATIC"
    assert campaign.voucher == {
        "type": "DISCOUNT_VOUCHER",
        "discount": {"type": "PERCENT", "percent_off": 10},
        "redemption": {"quantity": None},
        "code_config": {
            "length": 8,
            "charset": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "pattern": "########",
        },
        "is_referral_code": False,
    }
    assert campaign.use_voucher_metadata_schema is True
    assert (campaign.creation_status, campaign.vouchers_count) == ("DONE", 0)
    assert kinds() == ["campaign.created"]


def test_one_code_is_made_in_the_request() -> None:
    campaign = create(vouchers_count=1)

    assert campaign.vouchers.count() == campaign.vouchers_count == 1
    assert campaign.creation_status == "DONE"
    assert kinds() == ["campaign.created", "voucher.created"]


def test_a_generic_code_makes_the_campaign_standalone() -> None:
    voucher = {"discount": TEN_PERCENT, "code": "SPRING"}

    campaign = create(voucher=voucher, join_once=True)

    assert campaign.type == "STANDALONE"
    assert campaign.join_once is False
    assert [one.code for one in campaign.vouchers.all()] == ["SPRING"]


def test_the_type_is_derived_from_the_voucher() -> None:
    assert create(campaign_type=None).campaign_type == "DISCOUNT_COUPONS"


def test_an_underivable_type_is_refused() -> None:
    with pytest.raises(InvalidPayload):
        create(campaign_type=None, voucher=None)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"voucher": None}, "invalid_campaign"),
        ({"voucher": {"type": "DISCOUNT_VOUCHER"}}, "invalid_campaign"),
        ({"voucher": {"discount": {"type": "PERCENT"}}}, "invalid_campaign"),
        (
            {"voucher": {"type": "GIFT_VOUCHER", "discount": TEN_PERCENT}},
            "invalid_campaign",
        ),
        ({"campaign_type": "PROMOTION", "type": "STANDALONE"}, "invalid_campaign"),
        ({"vouchers_count": 100_001}, "invalid_campaign_params"),
        ({"vouchers_count": -1}, "invalid_campaign_params"),
    ],
)
def test_a_campaign_that_cannot_work_is_refused(body: dict[str, Any], key: str) -> None:
    with pytest.raises(BadRequest) as refused:
        create(**body)

    assert refused.value.key == key
    assert not Campaign.objects.exists()
    assert kinds() == []


def test_a_taken_name_is_a_duplicate_even_in_the_bin() -> None:
    binned = CampaignFactory(name="Spring", deleted_at=NOW)

    with pytest.raises(Duplicate) as refused:
        create(binned.project)

    assert refused.value.details == "Duplicated campaign exists with name Spring"
    assert Campaign.objects.count() == 1


def test_an_unknown_category_name_becomes_a_category() -> None:
    known = CategoryFactory(hierarchy=3)

    campaign = create(known.project, category="Fresh")

    assert campaign.category is not None
    assert (campaign.category.name, campaign.category.hierarchy) == ("Fresh", 4)


def test_limits_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(InvalidPayload):
        create(start_date="2026-05-01", expiration_date="2026-04-01")


def test_codes_are_generated_in_the_background() -> None:
    campaign = create(vouchers_count=2500)

    assert (campaign.creation_status, campaign.vouchers_count) == ("IN_PROGRESS", 0)
    action = run_to_end(AsyncAction.objects.get())

    campaign.refresh_from_db()
    assert campaign.vouchers_count == campaign.vouchers.count() == 2500
    assert campaign.creation_status == campaign.vouchers_generation_status == "DONE"
    assert action.result == {"message": "Generated 2500 vouchers.", "done_count": 2500}
    assert kinds() == [
        "campaign.created",
        "campaign.vouchers.generation.started",
        "campaign.vouchers.generation.completed",
        "campaign.vouchers.added",
    ]


def test_a_busy_campaign_is_not_changed() -> None:
    campaign = create(vouchers_count=2)

    with pytest.raises(BadRequest) as refused:
        update_campaign(campaign, now=LATER, description="new")

    assert refused.value.key == "invalid_campaign"
    campaign.refresh_from_db()
    assert campaign.description == ""


def test_a_protected_campaign_is_not_changed() -> None:
    campaign = CampaignFactory(protected=True)

    with pytest.raises(ResourceProtected):
        disable_campaign(campaign, now=LATER)

    campaign.refresh_from_db()
    assert campaign.active is True


def test_metadata_merges_by_key_and_can_be_unset() -> None:
    campaign = CampaignFactory(metadata={"a": 1, "b": 2})

    changed = update_campaign(
        campaign, now=LATER, metadata={"b": 3}, unset_metadata_fields=["a"]
    )

    assert changed.metadata == {"b": 3}


def test_a_date_set_to_null_is_cleared() -> None:
    campaign = CampaignFactory(start_date=NOW, expiration_date=LATER)

    changed = update_campaign(campaign, now=LATER, expiration_date=None)

    assert (changed.start_date, changed.expiration_date) == (NOW, None)


def test_the_discount_type_cannot_change() -> None:
    campaign = CampaignFactory()

    with pytest.raises(BadRequest) as refused:
        update_campaign(
            campaign,
            now=LATER,
            voucher={"discount": {"type": "AMOUNT", "amount_off": 5}},
        )

    assert refused.value.key == "invalid_campaign"


@pytest.mark.spec("rules 9.3 campaign dates edited later")
def test_untouched_codes_follow_their_campaign() -> None:
    campaign = CampaignFactory(vouchers_count=4)
    follower = VoucherFactory(campaign=campaign)
    redeemed = VoucherFactory(campaign=campaign, redeemed_quantity=1)
    published = VoucherFactory(campaign=campaign, publications_count=1)
    own = VoucherFactory(campaign=campaign, start_date=NOW, own_fields=["start_date"])

    changed = update_campaign(
        campaign,
        now=LATER,
        start_date="2026-05-01",
        voucher={"discount": {"percent_off": 20}},
        metadata={"colour": "red"},
    )
    assert changed.creation_status == changed.vouchers_generation_status == "MODIFYING"
    run_to_end(AsyncAction.objects.get())

    campaign.refresh_from_db()
    assert campaign.creation_status == campaign.vouchers_generation_status == "DONE"
    for one in (follower, redeemed, published, own):
        one.refresh_from_db()
    assert follower.start_date == campaign.start_date
    assert follower.discount == {"type": "PERCENT", "percent_off": 20}
    assert redeemed.start_date is published.start_date is None
    assert redeemed.discount == published.discount == TEN_PERCENT
    assert own.start_date == NOW
    assert own.discount == {"type": "PERCENT", "percent_off": 20}
    assert all(
        one.metadata == {"colour": "red"} for one in (follower, redeemed, published)
    )


def test_metadata_stays_with_a_campaign_that_does_not_share_it() -> None:
    campaign = CampaignFactory(use_voucher_metadata_schema=False, vouchers_count=1)
    VoucherFactory(campaign=campaign)

    update_campaign(campaign, now=LATER, metadata={"colour": "red"})

    assert not AsyncAction.objects.exists()


def test_a_deleted_campaign_goes_into_the_bin_with_its_codes() -> None:
    campaign = CampaignFactory(vouchers_count=1)
    voucher = VoucherFactory(campaign=campaign, code="KEPT")

    action = delete_campaign(campaign, now=LATER)

    assert not campaign.project.campaigns.alive().exists()
    assert not campaign.project.vouchers.alive().exists()
    assert run_to_end(action).result == {
        "message": "Deleted 1 vouchers.",
        "done_count": 1,
    }
    voucher.refresh_from_db()
    assert (voucher.deleted_at, voucher.erased_at) == (LATER, None)
    with pytest.raises(Duplicate):
        create(campaign.project, voucher={"discount": TEN_PERCENT, "code": "KEPT"})


def test_a_campaign_deleted_by_force_frees_its_name_and_codes() -> None:
    campaign = CampaignFactory(name="Spring", vouchers_count=1)
    VoucherFactory(campaign=campaign, code="FREE")

    run_to_end(delete_campaign(campaign, now=LATER, force=True))

    again = create(campaign.project, voucher={"discount": TEN_PERCENT, "code": "FREE"})
    assert again.name == "Spring"
    assert Voucher.objects.alive().get().campaign == again


def test_a_campaign_is_disabled_and_enabled() -> None:
    campaign = PromotionFactory()

    assert disable_campaign(campaign, now=LATER).active is False
    assert enable_campaign(campaign, now=LATER).active is True
    assert kinds() == ["campaign.disabled", "campaign.enabled"]
