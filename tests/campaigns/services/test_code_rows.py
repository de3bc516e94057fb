"""COPY and INSERT write the same rows, and the same as the ORM would."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from campaigns.models import Campaign, Voucher
from campaigns.services.code_rows import CodeRows, add_codes, insert_codes
from campaigns.services.voucher_template import prototype
from promo.ids import new_id
from promo.jobs.models import AsyncAction
from tests.factories.campaigns import (
    CampaignFactory,
    CategoryFactory,
    GiftCampaignFactory,
    LoyaltyProgramFactory,
    VoucherFactory,
    template,
)
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW, ProjectFactory

pytestmark = pytest.mark.django_db

OWN = {"id", "code", "code_key"}
NASTY = "tab\there, line\nthere, return\r, \\N, \\., 'quoted', \"twice\", äöü €"
FULL: dict[str, Any] = {
    "start_date": NOW,
    "expiration_date": NOW + timedelta(days=1),
    "validity_timeframe": {"interval": "P2D", "duration": "PT12H"},
    "validity_day_of_week": [1, 2],
    "active": False,
    "additional_info": NASTY,
    "metadata": {NASTY: [NASTY, None, 1.5, {"nested": True}]},
    "redemption": {"quantity": 3},
}


def referral() -> Campaign:
    return CampaignFactory.create(voucher=template(is_referral_code=True))


def full_prototype(campaign: Campaign, sent: dict[str, Any]) -> Voucher:
    """Return a voucher that refers to all that one may refer to."""
    project = campaign.project
    made = prototype(project=project, campaign=campaign, sent=sent, now=NOW)
    made.category = CategoryFactory.create(project=project)
    made.validity_hours = {"daily": [{"start_time": "08:00"}]}
    made.updated_at = NOW + timedelta(microseconds=7)
    made.holder = CustomerFactory.create(project=project)
    made.async_action = AsyncAction.objects.create(project=project, created_at=NOW)
    return made


def stored(code: str) -> dict[str, Any]:
    """Return every field of a stored voucher that is not its own alone."""
    [row] = Voucher.objects.filter(code=code).values()
    return {name: value for name, value in row.items() if name not in OWN}


@pytest.mark.parametrize("sent", [{}, FULL], ids=["bare", "full"])
@pytest.mark.parametrize(
    "kind",
    [
        CampaignFactory,
        referral,
        GiftCampaignFactory,
        LoyaltyProgramFactory,
    ],
    ids=["coupon", "referral", "gift", "loyalty"],
)
def test_both_roads_and_the_orm_write_the_same(kind: Any, sent: dict[str, Any]) -> None:
    campaign = kind()
    voucher = full_prototype(campaign, sent)

    assert CodeRows(voucher, ["copied"]).copy() == 1
    assert CodeRows(voucher, ["inserted"]).insert() == ["inserted"]

    voucher.pk, voucher.code, voucher.code_key = new_id("v_"), "saved", "saved"
    voucher.save(force_insert=True)
    assert stored("copied") == stored("inserted") == stored("saved")


@pytest.mark.parametrize(
    ("is_case_sensitive", "key"), [(True, "\\ñ-\\t\\N"), (False, "\\Ñ-\\T\\N")]
)
def test_a_code_is_stored_as_it_is_with_the_key_it_is_compared_by(
    is_case_sensitive: bool,  # noqa: FBT001 - a parameter of the table
    key: str,
) -> None:
    project = ProjectFactory.create(case_sensitive_codes=is_case_sensitive)
    voucher = VoucherFactory.build(project=project)
    code = "\\ñ-\\t\\N"

    assert CodeRows(voucher, [code, code]).copy() == 1

    assert Voucher.objects.values_list("code", "code_key").get() == (code, key)


def test_a_taken_code_stops_the_copy_of_all_and_costs_the_insert_that_one() -> None:
    taken = VoucherFactory.create(code="B")
    voucher = VoucherFactory.build(project=taken.project)

    assert CodeRows(voucher, ["A", "B", "C"]).copy() == 0
    assert Voucher.objects.get() == taken

    assert insert_codes(voucher, ["A", "B", "C"]) == ["A", "C"]
    assert add_codes(voucher, ["C", "D", "E"]) == 2
    assert add_codes(voucher, ["F", "G"]) == 2
    assert set(Voucher.objects.values_list("code", flat=True)) == set("ABCDEFG")


def test_what_else_is_wrong_with_a_row_is_raised() -> None:
    voucher = VoucherFactory.build(
        project=ProjectFactory.create(), redemption_quantity=1, redeemed_quantity=2
    )

    with pytest.raises(IntegrityError, match="voucher_redeemed_within_quantity"):
        add_codes(voucher, ["A"])


def test_ids_do_not_tell_the_order_of_the_codes() -> None:
    voucher = VoucherFactory.build(project=ProjectFactory.create())
    drawn = [f"{number * 7919 % 1000:04}" for number in range(1000)]

    add_codes(voucher, drawn)

    by_id = Voucher.objects.order_by("pk").values_list("code", flat=True)
    assert list(by_id) == drawn


def test_no_codes_make_no_rows() -> None:
    voucher = VoucherFactory.build(project=ProjectFactory.create())

    assert add_codes(voucher, []) == 0
    assert not Voucher.objects.exists()
