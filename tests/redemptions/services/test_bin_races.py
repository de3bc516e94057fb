"""Restores, erasures, deletions and redemptions at the same moment."""

from collections import Counter as Tally
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import BinEntry, Voucher
from campaigns.services import removal, restore
from campaigns.services.bin_erasure import erase_entry
from campaigns.services.campaign import delete_campaign
from campaigns.services.product import delete_product
from campaigns.services.publication import PublicationRequest, publish
from campaigns.services.restore import restore_entry
from campaigns.services.sku import delete_sku
from campaigns.services.voucher import delete_voucher
from customers.services.upsert import CustomerDraft
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from redemptions.services.redeem import redeem
from redemptions.services.requests import CheckoutRequest, RedeemableRef
from redemptions.services.verification import CHECKS
from tests.factories.campaigns import (
    CampaignFactory,
    LoyaltyCardFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.tenancy import NOW
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)
MANY = 8


def entry_of(thing: Any) -> BinEntry:
    found: BinEntry = thing.project.bin_entries.get(resource_id=thing.pk)
    return found


def done(work: Callable[..., Any], *args: Any) -> Callable[[], str]:
    """Return a work that says its name when it succeeds."""

    def run() -> str:
        work(*args, now=LATER)
        return work.__name__

    return run


def run_all() -> None:
    """Finish all background work, oldest first."""
    for action in AsyncAction.objects.filter(finished_at=None).order_by("pk"):
        while run_step(action.pk, now=LATER):
            pass


def use(voucher: Voucher) -> Callable[[], str]:
    def run() -> str:
        request = CheckoutRequest(
            redeemables=(RedeemableRef("voucher", voucher.code),),
            order={"amount": 1_000},
        )
        redeem(project=voucher.project, request=request, now=LATER)
        return "redeem"

    return run


def is_exact(voucher: Voucher) -> bool:
    voucher.refresh_from_db()
    standing = voucher.redemptions.standing().count()
    drifted = [check.name for check in CHECKS if list(check.find())]
    return (voucher.redeemed_quantity, drifted) == (standing, [])


KINDS: dict[str, tuple[Any, Callable[..., Any]]] = {
    "campaign": (CampaignFactory, delete_campaign),
    "voucher": (VoucherFactory, delete_voucher),
    "product": (ProductFactory, delete_product),
    "sku": (SkuFactory, delete_sku),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_of_many_who_restore_or_erase_one_gets_it(kind: str) -> None:
    factory, delete = KINDS[kind]
    thing = factory()
    delete(thing, now=LATER)
    entry = entry_of(thing)

    works = [done(restore_entry, entry), done(erase_entry, entry)] * (MANY // 2)
    outcomes = Tally(at_once(*works))

    (winner,) = set(outcomes) - {"not_found"}
    assert outcomes == {winner: 1, "not_found": MANY - 1}
    assert not BinEntry.objects.exists()
    living = type(thing).objects.alive().filter(pk=thing.pk)
    assert living.exists() == (winner == "restore_entry")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_restores_and_deletions_in_turn_leave_one_entry_or_none(kind: str) -> None:
    factory, delete = KINDS[kind]
    thing = factory()
    delete(thing, now=LATER)
    entry = entry_of(thing)

    outcomes = at_once(done(restore_entry, entry), *[done(delete, thing)] * 3)

    lost = {"not_found", "invalid_campaign"}
    deleted = outcomes.count(delete.__name__)
    assert outcomes.count("restore_entry") == 1
    assert set(outcomes) <= {"restore_entry", delete.__name__, *lost}
    assert deleted <= 1
    assert BinEntry.objects.count() == deleted
    living = type(thing).objects.alive().filter(pk=thing.pk)
    assert living.exists() == (not deleted)


def test_codes_and_their_campaign_restored_erased_and_deleted_at_once() -> None:
    campaign = CampaignFactory(vouchers_count=4)
    codes = VoucherFactory.create_batch(4, campaign=campaign)
    for code in codes[:3]:
        delete_voucher(code, now=LATER)
    entries = [entry_of(code) for code in codes[:3]]

    outcomes = at_once(
        done(restore_entry, entries[0]),
        done(restore_entry, entries[1]),
        done(erase_entry, entries[2]),
        done(delete_voucher, codes[3]),
        done(delete_campaign, campaign),
    )
    run_all()
    restore_entry(entry_of(campaign), now=LATER)
    run_all()

    campaign.refresh_from_db()
    alone = campaign.bin_entries.count()
    assert "delete_campaign" in outcomes
    assert campaign.vouchers_count == campaign.vouchers.alive().count()
    erased = campaign.vouchers.filter(erased_at__isnull=False).count()
    assert campaign.vouchers_count + alone + erased == 4


def test_an_erased_campaign_and_a_restored_code_do_not_wait_in_a_circle() -> None:
    campaign = CampaignFactory(vouchers_count=3)
    codes = VoucherFactory.create_batch(3, campaign=campaign)
    for code in codes:
        delete_voucher(code, now=LATER)
    entries = [entry_of(code) for code in codes]

    def force() -> str:
        delete_campaign(campaign, now=LATER, force=True)
        return "force"

    outcomes = at_once(
        force,
        *(done(restore_entry, entry) for entry in entries),
        *(done(erase_entry, entry) for entry in entries),
    )
    run_all()

    assert "force" in outcomes
    assert not BinEntry.objects.exists()
    assert not campaign.vouchers.filter(erased_at=None).exists()


@pytest.mark.parametrize("kind", ["voucher", "campaign"])
def test_redemptions_against_a_deletion_are_counted_exactly(kind: str) -> None:
    campaign = CampaignFactory(vouchers_count=1)
    code = VoucherFactory(campaign=campaign, redemption_quantity=100)
    thing, delete = {
        "voucher": (code, delete_voucher),
        "campaign": (campaign, delete_campaign),
    }[kind]

    outcomes = Tally(at_once(*[use(code)] * MANY, done(delete, thing)))
    run_all()
    restore_entry(entry_of(thing), now=LATER)
    run_all()

    assert outcomes[delete.__name__] == 1
    assert outcomes["redeem"] <= MANY
    assert is_exact(code)
    assert code.redeemed_quantity == outcomes["redeem"]
    assert code.deleted_at is None


@pytest.mark.parametrize("kind", ["voucher", "campaign"])
def test_redemptions_against_a_restore_use_the_limit_up_exactly(kind: str) -> None:
    campaign = CampaignFactory(vouchers_count=1)
    code = VoucherFactory(campaign=campaign, redemption_quantity=5)
    use(code)()
    thing, delete = {
        "voucher": (code, delete_voucher),
        "campaign": (campaign, delete_campaign),
    }[kind]
    delete(thing, now=LATER)
    run_all()

    def bring_back() -> str:
        action = restore_entry(entry_of(thing), now=LATER)
        while action is not None and run_step(action.pk, now=LATER):
            pass
        return "restored"

    outcomes = at_once(bring_back, *[use(code)] * MANY)
    outcomes += at_once(*[use(code)] * MANY)

    assert set(outcomes) <= {"restored", "redeem", "not_found", "quantity_exceeded"}
    assert outcomes.count("redeem") == 4
    assert is_exact(code)
    assert code.redeemed_quantity == 5


def test_a_deletion_and_a_restore_in_batches_at_once_bring_every_code_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "BATCH", 2)
    monkeypatch.setattr(restore, "BATCH", 2)
    campaign = CampaignFactory(vouchers_count=12)
    VoucherFactory.create_batch(12, campaign=campaign)
    deletion = delete_campaign(campaign, now=LATER)
    run_step(deletion.pk, now=LATER)

    def go_on() -> str:
        while run_step(deletion.pk, now=LATER):
            pass
        return "deleted"

    def bring_back() -> str:
        action = restore_entry(entry_of(campaign), now=LATER)
        while action is not None and run_step(action.pk, now=LATER):
            pass
        return "restored"

    outcomes = at_once(go_on, bring_back)

    campaign.refresh_from_db()
    assert sorted(outcomes) == ["deleted", "restored"]
    assert campaign.vouchers.alive().count() == campaign.vouchers_count == 12
    assert campaign.creation_status == "DONE"


def test_a_customer_who_joins_anew_and_his_restored_card_are_one_card() -> None:
    old = LoyaltyCardFactory()
    program = old.campaign
    LoyaltyCardFactory.create_batch(2, campaign=program)
    request = PublicationRequest(
        customer=CustomerDraft(source_id="ada"), campaign=program.pk
    )

    def join() -> str:
        return publish(project=program.project, request=request, now=LATER).row.pk

    join()
    held = program.vouchers.get(holder__isnull=False)
    delete_voucher(held, now=LATER)

    outcomes = at_once(done(restore_entry, entry_of(held)), *[join] * 3)

    joined = program.publications.filter(joined_once=True)
    assert joined.count() == 1
    holders = Voucher.objects.alive().filter(holder__isnull=False)
    assert holders.count() == 1
    restored = "restore_entry" in outcomes
    assert restored != ("invalid_voucher" in outcomes)
    assert (holders.get() == held) == restored
