"""Imports at the same moment as imports, generations, creates and deletions."""

from typing import Any

import pytest

from campaigns.models import Campaign, Category, Voucher
from campaigns.services.voucher import add_vouchers, create_voucher, delete_voucher
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from promo.jobs.rows.start import json_lines, start_row_work
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
GIFT = {"gift": {"amount": 1}}


def start(kind: str, rows: Any, campaign: Campaign | None = None, project: Any = None):
    return start_row_work(
        project=campaign.project if campaign else project,
        kind=kind,
        chunks=[rows.encode()] if isinstance(rows, str) else json_lines(rows),
        arguments={"campaign_id": campaign.pk} if campaign else {},
        now=NOW,
    )


def finish(action: AsyncAction) -> None:
    while run_step(action.pk, now=NOW):
        pass


def result(action: AsyncAction) -> dict[str, Any]:
    action.refresh_from_db()
    return action.result


@pytest.mark.parametrize("sensitive", [True, False])
def test_of_two_arrays_with_the_same_codes_each_code_has_one_voucher(sensitive):
    project = ProjectFactory.create(case_sensitive_codes=sensitive)
    codes = [f"code-{n}" for n in range(40)]
    second = list(reversed(codes))
    if not sensitive:
        second = [code.upper() for code in second]
    actions = [
        start("VOUCHERS.IMPORT", [{"code": one, **GIFT} for one in each], None, project)
        for each in (codes, second)
    ]

    at_once(*(lambda one=one: finish(one) for one in actions))

    results = [result(one) for one in actions]
    assert sum(one["done_count"] for one in results) == 40
    assert sum(one["failed_count"] for one in results) == 40
    assert {
        each["reason"].rpartition(" ")[0] for one in results for each in one["failed"]
    } == {"Duplicated voucher exists with id"}
    assert project.vouchers.count() == 40


@pytest.mark.parametrize("sensitive", [True, False])
def test_of_two_files_with_the_same_codes_one_makes_and_one_changes(sensitive):
    project = ProjectFactory.create(case_sensitive_codes=sensitive)
    header = "Code,Voucher Type,Value,Category\n"
    rows = [f"c{n},GIFT_VOUCHER,1,Cat {n % 4}\n" for n in range(40)]
    first, second = "".join(rows), "".join(reversed(rows))
    if not sensitive:
        second = second.replace("c", "C")
    actions = [
        start("VOUCHERS.IMPORT_CSV", header + content, None, project)
        for content in (first, second)
    ]

    at_once(*(lambda one=one: finish(one) for one in actions))

    assert [result(one)["done_count"] for one in actions] == [40, 40]
    assert project.vouchers.count() == 40
    assert project.vouchers.exclude(category=None).count() == 40
    assert Category.objects.count() == 4


def test_files_into_two_campaigns_share_no_code():
    first = CampaignFactory.create()
    second = CampaignFactory.create(project=first.project)
    rows = "Code\n" + "".join(f"c{n}\n" for n in range(40))
    actions = [
        start("CAMPAIGN.VOUCHERS_IMPORT_CSV", rows, each) for each in (first, second)
    ]

    at_once(*(lambda one=one: finish(one) for one in actions))

    assert [result(one)["done_count"] for one in actions] == [40, 40]
    for campaign in (first, second):
        campaign.refresh_from_db()
        assert campaign.vouchers_count == campaign.vouchers.count()
    assert first.vouchers_count + second.vouchers_count == 40


def test_an_import_beside_a_generation_keeps_the_ceiling(settings):
    settings.MAX_CODES_PER_CAMPAIGN = 30
    campaign = CampaignFactory.create()
    rows = "Code\n" + "".join(f"c{n}\n" for n in range(25))
    action = start("CAMPAIGN.VOUCHERS_IMPORT_CSV", rows, campaign)

    def generate() -> AsyncAction:
        made = add_vouchers(campaign, count=20, now=NOW)
        finish(made)
        return made

    outcomes = at_once(lambda: finish(action), generate)

    campaign.refresh_from_db()
    taken = result(action)["done_count"]
    assert campaign.vouchers.count() == campaign.vouchers_count <= 30
    if "invalid_campaign_params" in outcomes:
        assert taken == campaign.vouchers_count == 25
    else:
        assert (taken, campaign.vouchers_count) == (10, 30)


def test_imports_into_one_campaign_fill_it_together(settings):
    settings.MAX_CODES_PER_CAMPAIGN = 30
    campaign = CampaignFactory.create()
    actions = [
        start(
            "CAMPAIGN.VOUCHERS_IMPORT_CSV",
            "Code\n" + "".join(f"{name}{n}\n" for n in range(20)),
            campaign,
        )
        for name in "ab"
    ]

    at_once(*(lambda one=one: finish(one) for one in actions))

    campaign.refresh_from_db()
    assert sorted(result(one)["done_count"] for one in actions) == [10, 20]
    assert campaign.vouchers_count == campaign.vouchers.count() == 30


def test_a_create_beside_a_file_makes_one_voucher():
    project = ProjectFactory.create()
    rows = "Code,Voucher Type,Value\nA,GIFT_VOUCHER,1\nB,GIFT_VOUCHER,1\n"
    action = start("VOUCHERS.IMPORT_CSV", rows, None, project)

    at_once(
        lambda: finish(action),
        lambda: create_voucher(project=project, now=NOW, code="B", gift={"amount": 9}),
    )

    assert result(action)["done_count"] == 2
    assert sorted(project.vouchers.values_list("code", flat=True)) == ["A", "B"]


def test_a_code_that_is_erased_beside_its_import_ends_as_one_or_none():
    campaign = CampaignFactory.create(vouchers_count=1)
    voucher = VoucherFactory.create(campaign=campaign, code="A")
    rows = "Code,Active\nA,FALSE\n"
    action = start("CAMPAIGN.VOUCHERS_IMPORT_CSV", rows, campaign)

    at_once(
        lambda: finish(action),
        lambda: delete_voucher(voucher, now=NOW, force=True),
    )

    alive = Voucher.objects.filter(code_key="A")
    campaign.refresh_from_db()
    assert result(action)["done_count"] == 1
    assert campaign.vouchers_count == alive.count()
