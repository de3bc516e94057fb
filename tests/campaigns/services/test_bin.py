"""What lies in the bin comes back as it was, or goes for good."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import BinEntry, Campaign, Product, Sku, Voucher
from campaigns.services import removal, restore
from campaigns.services.bin_erasure import erase_entry
from campaigns.services.campaign import create_campaign, delete_campaign
from campaigns.services.product import create_product, delete_product
from campaigns.services.promotion_tier import delete_tier
from campaigns.services.publication import PublicationRequest, publish
from campaigns.services.restore import restore_entry
from campaigns.services.reward import delete_reward
from campaigns.services.sku import delete_sku
from campaigns.services.validation_rule import delete_rule
from campaigns.services.voucher import (
    add_voucher,
    add_vouchers,
    create_voucher,
    delete_voucher,
)
from customers.services.upsert import CustomerDraft
from promo import request_context
from promo.errors import BadRequest, Duplicate, ResourceNotFound
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.tenancy.services.people import create_person
from tests.factories.campaigns import (
    TEN_PERCENT,
    CampaignFactory,
    LoyaltyCardFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory, listing
from tests.factories.promotions import StackFactory, TierFactory
from tests.factories.rewards import CoinFactory, RewardAssignmentFactory
from tests.factories.rules import AssignmentFactory, ValidationRuleFactory
from tests.factories.tenancy import NOW
from tests.outbox import events_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def run_to_end(action: AsyncAction | None) -> AsyncAction:
    assert action is not None
    while run_step(action.pk, now=LATER):
        pass
    action.refresh_from_db()
    return action


def entry_of(thing: Any) -> BinEntry:
    found: BinEntry = thing.project.bin_entries.get(resource_id=thing.pk)
    return found


def rules_on(*things: Any) -> dict[str, str]:
    """Put a rule on each; return the assignments by what they are on."""
    made = {}
    for thing in things:
        rule = ValidationRuleFactory(project=thing.project)
        made[thing.pk] = AssignmentFactory(
            project=thing.project, rule=rule, related_object_id=thing.pk
        ).pk
    return made


def rules_of(project: Any) -> dict[str, str]:
    rows = project.validation_rule_assignments.alive()
    return dict(rows.values_list("related_object_id", "pk"))


def row_of(thing: Any) -> dict[str, Any]:
    (found,) = type(thing)._base_manager.filter(pk=thing.pk).values()  # noqa: SLF001 - the bin included
    found.pop("updated_at")
    return dict(found)


# What a deletion writes


def test_a_deleted_campaign_is_one_entry_and_its_codes_are_none() -> None:
    campaign = CampaignFactory(name="Spring", vouchers_count=2)
    VoucherFactory.create_batch(2, campaign=campaign)

    run_to_end(delete_campaign(campaign, now=LATER))

    entry = BinEntry.objects.get()
    assert entry.resource_type == "campaign"
    assert (entry.resource_id, entry.resource_name) == (campaign.pk, "Spring")
    assert entry.resource_parent_id is None
    assert entry.created_at == LATER
    assert entry.deleted_by is None


def test_a_deleted_voucher_names_its_campaign_and_who_deleted_it() -> None:
    voucher = VoucherFactory(campaign=CampaignFactory(vouchers_count=1), code="OLD")
    person = create_person(email="ada@example.com", password=None)

    with request_context.internal_work():
        request_context.bind_caller(user_id=person.pk)
        delete_voucher(voucher, now=LATER)

    entry = entry_of(voucher)
    assert (entry.resource_type, entry.resource_name) == ("voucher", "OLD")
    assert entry.resource_parent_id == voucher.campaign_id
    assert entry.deleted_by == person


def test_a_deleted_sku_names_its_product() -> None:
    sku = SkuFactory(sku="Blue")

    delete_sku(sku, now=LATER)

    entry = entry_of(sku)
    assert (entry.resource_type, entry.resource_name) == ("sku", "Blue")
    assert entry.resource_parent_id == sku.product_id


def test_a_product_without_a_name_goes_by_its_source_id() -> None:
    product = ProductFactory(name="", source_id="tea")

    delete_product(product, now=LATER)

    assert entry_of(product).resource_name == "tea"
    assert entry_of(product).resource_parent_id is None


@pytest.mark.parametrize("force", [True])
def test_what_is_deleted_by_force_leaves_nothing_in_the_bin(*, force: bool) -> None:
    voucher, sku, campaign = VoucherFactory(), SkuFactory(), CampaignFactory()

    delete_voucher(voucher, now=LATER, force=force)
    delete_sku(sku, now=LATER, force=force)
    delete_product(sku.product, now=LATER, force=force)
    delete_campaign(campaign, now=LATER, force=force)

    assert not BinEntry.objects.exists()


# Campaigns


@pytest.fixture
def campaign(monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """A campaign of seven codes, whose batches are of three."""
    monkeypatch.setattr(removal, "BATCH", 3)
    monkeypatch.setattr(restore, "BATCH", 3)
    made = CampaignFactory(name="Spring", vouchers_count=7)
    VoucherFactory.create_batch(7, campaign=made)
    return made


def test_a_restored_campaign_brings_its_codes_and_rules_back(
    campaign: Campaign,
) -> None:
    codes = list(campaign.vouchers.order_by("pk"))
    rules = rules_on(campaign, codes[0], codes[6])
    before = [row_of(campaign), *(row_of(code) for code in codes)]
    run_to_end(delete_campaign(campaign, now=LATER))
    assert rules_of(campaign.project) == {}

    action = run_to_end(restore_entry(entry_of(campaign), now=LATER))

    assert [row_of(campaign), *(row_of(code) for code in codes)] == before
    assert rules_of(campaign.project) == rules
    assert action.type == "CAMPAIGN.VOUCHERS_RESTORE"
    assert action.result == {"message": "Restored 7 vouchers.", "done_count": 7}
    assert not BinEntry.objects.exists()
    assert events_of(campaign.project) == ["campaign.deleted", "campaign.updated"]


def test_codes_deleted_by_themselves_stay_deleted(campaign: Campaign) -> None:
    gone, *others = campaign.vouchers.order_by("pk")
    rules = rules_on(gone, others[0])
    delete_voucher(gone, now=LATER)
    run_to_end(delete_campaign(campaign, now=LATER))

    action = run_to_end(restore_entry(entry_of(campaign), now=LATER))

    campaign.refresh_from_db()
    assert set(campaign.vouchers.alive()) == set(others)
    assert campaign.vouchers_count == action.result["done_count"] == 6
    assert rules_of(campaign.project) == {others[0].pk: rules[others[0].pk]}
    restore_entry(entry_of(gone), now=LATER)
    campaign.refresh_from_db()
    assert campaign.vouchers_count == campaign.vouchers.alive().count() == 7
    assert rules_of(campaign.project) == rules


def test_a_campaign_restored_before_its_codes_were_deleted_keeps_them(
    campaign: Campaign,
) -> None:
    deletion = delete_campaign(campaign, now=LATER)
    run_step(deletion.pk, now=LATER)
    assert campaign.vouchers.filter(deleted_at=None).count() == 4

    restoring = restore_entry(entry_of(campaign), now=LATER)
    run_to_end(deletion)
    run_to_end(restoring)

    campaign.refresh_from_db()
    assert campaign.vouchers.alive().count() == campaign.vouchers_count == 7
    assert deletion.result["done_count"] == 3


def test_a_campaign_cannot_be_deleted_while_its_codes_come_back(
    campaign: Campaign,
) -> None:
    run_to_end(delete_campaign(campaign, now=LATER))
    restoring = restore_entry(entry_of(campaign), now=LATER)
    run_step(restoring.pk, now=LATER)  # type: ignore[union-attr]  # it has codes

    with pytest.raises(BadRequest, match="being processed"):
        delete_campaign(campaign, now=LATER)

    campaign.refresh_from_db()
    assert campaign.creation_status == "MODIFYING"
    assert campaign.deleted_at is None
    run_to_end(restoring)
    campaign.refresh_from_db()
    assert campaign.creation_status == campaign.vouchers_generation_status == "DONE"
    run_to_end(delete_campaign(campaign, now=LATER))
    assert not campaign.project.vouchers.alive().exists()


def test_codes_that_were_being_made_are_made_after_the_restore() -> None:
    campaign = CampaignFactory()
    making = add_vouchers(campaign, count=5, now=NOW)
    run_to_end(delete_campaign(campaign, now=LATER))

    run_to_end(restore_entry(entry_of(campaign), now=LATER))

    campaign.refresh_from_db()
    assert campaign.vouchers_generation_status == "IN_PROGRESS"
    run_to_end(making)
    campaign.refresh_from_db()
    assert campaign.vouchers_generation_status == "DONE"
    assert campaign.vouchers_count == campaign.vouchers.alive().count() == 5


def test_work_that_ended_in_the_bin_is_done_after_the_restore() -> None:
    campaign = CampaignFactory()
    making = add_vouchers(campaign, count=5, now=NOW)
    run_to_end(delete_campaign(campaign, now=LATER))
    run_to_end(making)

    run_to_end(restore_entry(entry_of(campaign), now=LATER))

    campaign.refresh_from_db()
    assert campaign.vouchers_generation_status == "DONE"
    assert campaign.vouchers_count == 0


def test_a_restored_promotion_has_its_tiers_and_stacks_as_they_were() -> None:
    promotion = PromotionFactory()
    shared = {"project": promotion.project, "campaign": promotion}
    gone, *tiers = TierFactory.create_batch(3, **shared)
    stack = StackFactory(**shared, tiers=tiers)
    rules = rules_on(promotion, *tiers)
    delete_tier(gone, now=LATER)
    before = [row_of(one) for one in (*tiers, stack)]
    places = list(stack.members.values())
    run_to_end(delete_campaign(promotion, now=LATER))
    assert not promotion.project.promotion_tiers.alive().exists()
    assert not promotion.project.promotion_stacks.alive().exists()

    assert restore_entry(entry_of(promotion), now=LATER) is None

    assert set(promotion.project.promotion_tiers.alive()) == set(tiers)
    assert [row_of(one) for one in (*tiers, stack)] == before
    assert list(stack.members.values()) == places
    assert rules_of(promotion.project) == rules
    promotion.refresh_from_db()
    assert promotion.creation_status == "DONE"


def test_a_restored_programme_offers_its_rewards_as_before() -> None:
    offered = RewardAssignmentFactory()
    program = offered.campaign
    dropped = RewardAssignmentFactory(
        reward=CoinFactory(project=program.project), campaign=program
    )
    rules = rules_on(offered, dropped)
    run_to_end(delete_campaign(program, now=LATER))
    delete_reward(dropped.reward, now=LATER)

    run_to_end(restore_entry(entry_of(program), now=LATER))

    assert list(program.project.reward_assignments.alive()) == [offered]
    assert rules_of(program.project) == {offered.pk: rules[offered.pk]}


def test_a_rule_deleted_meanwhile_does_not_come_back() -> None:
    campaign = CampaignFactory()
    rules_on(campaign)
    rule = campaign.project.validation_rules.get()
    run_to_end(delete_campaign(campaign, now=LATER))
    counted = campaign.project.validation_rules.with_assignment_counts().get()
    delete_rule(rule, now=LATER)

    run_to_end(restore_entry(entry_of(campaign), now=LATER))

    assert counted.assignments_count == 0
    assert rules_of(campaign.project) == {}


def test_an_erased_campaign_frees_names_and_takes_everything_along(
    campaign: Campaign,
) -> None:
    alone = campaign.vouchers.order_by("pk")[0]
    rules_on(campaign, alone)
    delete_voucher(alone, now=LATER)
    run_to_end(delete_campaign(campaign, now=LATER))

    erase_entry(entry_of(campaign), now=LATER)

    assert not BinEntry.objects.exists()
    run_to_end(AsyncAction.objects.order_by("-created_at", "-pk")[0])
    assert campaign.vouchers.filter(erased_at=None).count() == 0
    assert not campaign.project.validation_rule_assignments.exists()
    again = create_campaign(
        project=campaign.project,
        now=LATER,
        name="Spring",
        voucher={"discount": TEN_PERCENT, "code": alone.code},
    )
    assert Voucher.objects.alive().get().campaign == again


def test_an_erased_promotion_loses_tiers_and_stacks_for_good() -> None:
    stack = StackFactory()
    run_to_end(delete_campaign(stack.campaign, now=LATER))

    erase_entry(entry_of(stack.campaign), now=LATER)

    assert stack.campaign.stacks.count() == 0
    assert stack.campaign.tiers.filter(deleted_at=None).count() == 0


# Vouchers


def test_a_restored_voucher_is_as_it_was() -> None:
    campaign = CampaignFactory(vouchers_count=1)
    voucher = VoucherFactory(
        campaign=campaign, redeemed_quantity=3, redemption_quantity=5
    )
    rules = rules_on(voucher)
    before = row_of(voucher)
    delete_voucher(voucher, now=LATER)
    campaign.refresh_from_db()
    assert campaign.vouchers_count == 0

    assert restore_entry(entry_of(voucher), now=LATER) is None

    campaign.refresh_from_db()
    assert row_of(voucher) == before
    assert campaign.vouchers_count == 1
    assert rules_of(voucher.project) == rules
    assert events_of(voucher.project) == ["voucher.deleted", "voucher.updated"]


def test_a_code_in_the_bin_is_taken_until_it_is_erased() -> None:
    voucher = VoucherFactory(code="ONCE")
    rules_on(voucher)
    delete_voucher(voucher, now=LATER)
    new = {"project": voucher.project, "now": LATER, "discount": TEN_PERCENT}
    with pytest.raises(Duplicate):
        create_voucher(code="ONCE", **new)

    erase_entry(entry_of(voucher), now=LATER)

    assert create_voucher(code="ONCE", **new).pk != voucher.pk
    assert not voucher.project.validation_rule_assignments.exists()
    voucher.refresh_from_db()
    assert (voucher.deleted_at, voucher.erased_at) == (LATER, LATER)


def test_a_voucher_waits_for_its_campaign(campaign: Campaign) -> None:
    voucher = campaign.vouchers.order_by("pk")[0]
    delete_voucher(voucher, now=LATER)
    run_to_end(delete_campaign(campaign, now=LATER))
    entry = entry_of(voucher)

    with pytest.raises(BadRequest) as refused:
        restore_entry(entry, now=LATER)

    assert refused.value.key == "invalid_voucher"
    assert refused.value.details == (
        f"Its campaign {campaign.pk} lies in the bin: restore that"
    )
    assert BinEntry.objects.count() == 2


def test_a_full_campaign_takes_no_voucher_back(settings: Any) -> None:
    settings.MAX_CODES_PER_CAMPAIGN = 1
    campaign = CampaignFactory(vouchers_count=1)
    voucher = VoucherFactory(campaign=campaign)
    delete_voucher(voucher, now=LATER)
    add_voucher(campaign, now=LATER)

    with pytest.raises(BadRequest) as refused:
        restore_entry(entry_of(voucher), now=LATER)

    campaign.refresh_from_db()
    voucher.refresh_from_db()
    assert refused.value.key == "invalid_campaign_params"
    assert campaign.vouchers_count == 1
    assert voucher.deleted_at == LATER
    assert BinEntry.objects.count() == 1


def join(program: Campaign) -> Voucher:
    draft = CustomerDraft(source_id="ada")
    request = PublicationRequest(customer=draft, campaign=program.pk)
    return publish(project=program.project, request=request, now=LATER).vouchers[0]


def test_who_lost_his_card_joins_anew_and_the_old_card_stays_in_the_bin() -> None:
    old = LoyaltyCardFactory()
    program = old.campaign
    assert join(program) == old
    delete_voucher(old, now=LATER)
    fresh = LoyaltyCardFactory(campaign=program)

    assert join(program) == fresh
    with pytest.raises(BadRequest) as refused:
        restore_entry(entry_of(old), now=LATER)

    old.refresh_from_db()
    assert refused.value.key == "invalid_voucher"
    assert old.deleted_at == LATER
    delete_voucher(fresh, now=LATER)
    restore_entry(entry_of(old), now=LATER)
    assert join(program) == old


def test_who_joined_a_campaign_has_joined_it_while_it_comes_back() -> None:
    card = LoyaltyCardFactory()
    join(card.campaign)
    run_to_end(delete_campaign(card.campaign, now=LATER))

    restoring = restore_entry(entry_of(card.campaign), now=LATER)

    assert join(card.campaign) == card
    run_to_end(restoring)
    card.refresh_from_db()
    assert (card.deleted_at, card.publications_count) == (None, 1)
    assert card.campaign.publications.count() == 1


# The catalogue


def test_a_restored_product_is_in_its_collections_with_its_skus() -> None:
    product = ProductFactory()
    project = product.project
    gone, *skus = SkuFactory.create_batch(3, product=product)
    collection = listing(product, skus[0], ProductFactory(project=project))
    delete_sku(gone, now=LATER)
    before = [row_of(one) for one in (product, *skus)]
    places = list(collection.items.values())
    delete_product(product, now=LATER)
    assert collection.items.alive().count() == 1
    assert not project.skus.alive().exists()

    restore_entry(entry_of(product), now=LATER)

    assert [row_of(one) for one in (product, *skus)] == before
    assert list(collection.items.alive().values()) == places
    assert set(project.skus.alive()) == set(skus)
    assert [one.resource_id for one in BinEntry.objects.all()] == [gone.pk]
    assert events_of(project) == [
        *("sku.deleted", "sku.deleted", "sku.deleted", "product.deleted"),
        *("product.updated", "sku.updated", "sku.updated"),
    ]


def test_a_restored_sku_is_in_its_collections() -> None:
    sku = SkuFactory()
    collection = listing(sku)
    delete_sku(sku, now=LATER)
    assert not collection.items.alive().exists()

    restore_entry(entry_of(sku), now=LATER)

    assert collection.items.alive().get().sku == sku
    assert events_of(sku.project) == ["sku.deleted", "sku.updated"]


def test_a_sku_waits_for_its_product() -> None:
    sku = SkuFactory()
    delete_sku(sku, now=LATER)
    delete_product(sku.product, now=LATER)

    with pytest.raises(BadRequest) as refused:
        restore_entry(entry_of(sku), now=LATER)

    assert refused.value.key == "invalid_sku"
    assert refused.value.details == (
        f"Its product {sku.product_id} lies in the bin: restore that"
    )
    assert BinEntry.objects.count() == 2
    assert not Sku.objects.alive().exists()


def test_an_erased_product_frees_its_source_id_and_takes_its_skus_along() -> None:
    sku = SkuFactory(product__source_id="tea")
    product = sku.product
    delete_sku(sku, now=LATER)
    delete_product(product, now=LATER)
    with pytest.raises(Duplicate):
        create_product(project=product.project, now=LATER, source_id="tea")

    erase_entry(entry_of(product), now=LATER)

    assert not Product.objects.exists()
    assert not Sku.objects.exists()
    assert not BinEntry.objects.exists()
    create_product(project=product.project, now=LATER, source_id="tea")


def test_an_erased_sku_frees_its_source_id() -> None:
    sku = SkuFactory()
    delete_sku(sku, now=LATER)

    erase_entry(entry_of(sku), now=LATER)

    assert not Sku.objects.exists()
    assert Product.objects.count() == 1
    assert not BinEntry.objects.exists()


# Whatever it is


KINDS = {
    "campaign": (CampaignFactory, delete_campaign),
    "voucher": (VoucherFactory, delete_voucher),
    "product": (ProductFactory, delete_product),
    "sku": (SkuFactory, delete_sku),
}


@pytest.mark.parametrize("second", [restore_entry, erase_entry])
@pytest.mark.parametrize("first", [restore_entry, erase_entry])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_entry_is_used_once(kind: str, first: Any, second: Any) -> None:
    factory, delete = KINDS[kind]
    thing = factory()
    delete(thing, now=LATER)
    entry = entry_of(thing)
    first(entry, now=LATER)
    actions = AsyncAction.objects.count()

    with pytest.raises(ResourceNotFound):
        second(entry, now=LATER)

    assert AsyncAction.objects.count() == actions


@pytest.mark.parametrize("work", [delete_campaign, restore_entry])
def test_a_campaign_costs_the_same_with_one_code_as_with_twenty(work: Any) -> None:
    costs = set()
    for count in (1, 20):
        campaign = CampaignFactory(vouchers_count=count)
        rules_on(*VoucherFactory.create_batch(count, campaign=campaign))
        target: Any = campaign
        if work is restore_entry:
            run_to_end(delete_campaign(campaign, now=LATER))
            target = entry_of(campaign)
        with CaptureQueriesContext(connection) as statements:
            run_to_end(work(target, now=LATER))
        costs.add(len(statements))

    assert len(costs) == 1
