"""The bin at the dashboard: seen, restored, erased."""

from typing import Any

import pytest
from django.urls import reverse

from campaigns.models import BinEntry, Campaign, Product, Voucher
from campaigns.services.campaign import delete_campaign
from campaigns.services.product import delete_product
from campaigns.services.voucher import delete_voucher
from promo.jobs.actions import run_step
from tests.admin_site import (
    NOW,
    address,
    make_project,
    messages_of,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import (
    CampaignFactory,
    PromotionFactory,
    VoucherFactory,
)
from tests.factories.catalogue import ProductFactory, SkuFactory
from tests.factories.promotions import TierFactory

pytestmark = pytest.mark.django_db


def binned(thing: Any, work: Any) -> BinEntry:
    work(thing, now=NOW)
    found: BinEntry = thing.project.bin_entries.get(resource_id=thing.pk)
    return found


def binned_code(project: Any) -> BinEntry:
    return binned(VoucherFactory(project=project), delete_voucher)


def test_the_bin_says_what_each_entry_brings_back():
    project = make_project()
    campaign = CampaignFactory(project=project, name="Spring", vouchers_count=1234)
    promotion = PromotionFactory(project=project)
    TierFactory.create_batch(2, project=project, campaign=promotion)
    product = SkuFactory(product__project=project).product
    binned(campaign, delete_campaign)
    binned(promotion, delete_campaign)
    binned(product, delete_product)
    binned_code(project)

    shown = text_of(sign_in(project, "USER").list(BinEntry))

    for text in ("Spring", "1,234 codes", "2 tiers", "1 SKU", "Itself"):
        assert text in shown


def test_who_deletes_at_the_dashboard_is_named_in_the_bin():
    campaign = CampaignFactory(project=make_project())
    person = sign_in(campaign.project, "USER")

    person.delete(campaign)

    entry = BinEntry.objects.get()
    assert entry.deleted_by == person.user
    assert person.user.email in text_of(person.list(BinEntry))
    assert f"Deleted by {person.user.email}" in text_of(person.open(entry))


def test_another_projects_bin_is_nobodys():
    entry = binned_code(make_project("Other"))
    person = sign_in(make_project(), "USER")

    assert rows_of(person.list(BinEntry)) == []
    assert person.open(entry).status_code == 302
    assert person.run(entry, "restore").status_code == 404
    assert person.run(entry, "erase").status_code == 404
    assert BinEntry.objects.count() == 1


def test_the_list_costs_the_same_for_one_entry_as_for_twenty():
    project = make_project()
    person = sign_in(project, "USER")
    costs = set()
    for count in (1, 19):
        for _ in range(count):
            binned(CampaignFactory(project=project), delete_campaign)
        costs.add(statements_of(lambda: person.list(BinEntry)))

    assert len(costs) == 1


def test_restoring_leads_to_what_came_back():
    campaign = CampaignFactory(project=make_project(), name="Spring")
    entry = binned(campaign, delete_campaign)

    response = sign_in(campaign.project, "USER").run(entry, "restore")

    campaign.refresh_from_db()
    assert campaign.deleted_at is None
    assert response.url == address(Campaign, "change", campaign.pk.replace("_", "_5F"))
    assert messages_of(response) == ["Spring is restored."]


def test_erasing_leads_back_to_the_bin():
    entry = binned_code(make_project())

    response = sign_in(entry.project, "USER").run(entry, "erase")

    assert response.url == reverse("admin:campaigns_binentry_changelist")
    assert messages_of(response) == [f"{entry.resource_name} is erased."]
    assert Voucher.objects.get().erased_at is not None
    assert not BinEntry.objects.exists()


def test_a_refusal_shows_in_the_dialog():
    voucher = VoucherFactory(campaign=CampaignFactory(project=make_project()))
    entry = binned(voucher, delete_voucher)
    binned(voucher.campaign, delete_campaign)

    response = sign_in(entry.project, "USER").run(entry, "restore")

    assert "lies in the bin: restore that" in text_of(response)
    assert BinEntry.objects.count() == 2


def test_several_are_restored_and_a_refusal_stops_no_other():
    project = make_project()
    blocked = VoucherFactory(campaign=CampaignFactory(project=project))
    entries = [binned(blocked, delete_voucher), binned_code(project)]
    binned(blocked.campaign, delete_campaign)

    response = sign_in(project, "USER").run_on(entries, "restore_selected")

    refused, done = messages_of(response)
    assert refused.startswith(f"{blocked.code}: Invalid Voucher: Its campaign ")
    assert done == "1 bin entry restored."
    assert Voucher.objects.filter(deleted_at=None).count() == 1


def test_several_are_erased_after_a_question():
    project = make_project()
    entries = [binned_code(project), binned_code(project)]
    person = sign_in(project, "USER")
    asked = person.run_on(entries, "erase_selected")
    assert BinEntry.objects.count() == 2

    response = person.client.post(
        address(BinEntry, "changelist"),
        {
            "action": "erase_selected",
            "_selected_action": [entry.pk for entry in entries],
            "confirmed": "yes",
        },
    )

    for entry in entries:
        assert f"{entry.resource_name}: Itself" in text_of(asked)
        assert f'value="{entry.pk}"' in text_of(asked)
    assert messages_of(response) == ["2 bin entries erased."]
    assert not BinEntry.objects.exists()


def test_a_viewer_sees_the_bin_and_moves_nothing():
    entry = binned_code(make_project())
    viewer = sign_in(entry.project, "VIEWER")

    answers = [viewer.run(entry, "restore"), viewer.run(entry, "erase")]
    viewer.run_on([entry], "restore_selected")
    viewer.run_on([entry], "erase_selected")

    assert rows_of(viewer.list(BinEntry)) == [entry]
    assert viewer.open(entry).status_code == 200
    assert {answer.status_code for answer in answers} == {403}
    assert BinEntry.objects.get() == entry
    assert Voucher.objects.get().deleted_at == NOW


def test_nobody_signed_in_is_led_to_the_sign_in(client):
    response = client.get(address(BinEntry, "changelist"))

    assert response.status_code == 302
    assert "login" in response.url


def test_restored_codes_are_on_the_campaigns_page_when_the_work_is_done():
    campaign = CampaignFactory(project=make_project(), vouchers_count=3)
    VoucherFactory.create_batch(3, campaign=campaign)
    entry = binned(campaign, delete_campaign)
    person = sign_in(campaign.project, "USER")

    person.run(entry, "restore")
    for action in campaign.project.async_actions.order_by("pk"):
        while run_step(action.pk, now=NOW):
            pass

    assert len(rows_of(person.list(Voucher))) == 3


def test_a_deleted_product_is_found_in_the_bin_by_its_name():
    project = make_project()
    entry = binned(ProductFactory(project=project, name="Trail boot"), delete_product)
    binned_code(project)
    person = sign_in(project, "USER")

    assert rows_of(person.list(BinEntry, q="boot")) == [entry]
    assert rows_of(person.list(BinEntry, q=entry.resource_id)) == [entry]
    assert entry.resource_id not in text_of(person.list(Product))
