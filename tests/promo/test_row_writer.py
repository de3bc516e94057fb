import pytest

from campaigns.models import Voucher
from promo.ids import show
from promo.jobs.actions import enqueue
from promo.jobs.models import ReportRow
from promo.row_writer import RowWriter
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db
WRITER = RowWriter(Voucher)


def kept(voucher):
    fields = [each for each in Voucher._meta.concrete_fields if not each.generated]
    return {each.attname: getattr(voucher, each.attname) for each in fields}


def test_what_rows_share_and_what_they_do_not_is_stored(project):
    campaign = CampaignFactory.create(project=project)
    discount = {"type": "PERCENT", "percent_off": 10}
    vouchers = [
        VoucherFactory.build(
            project=project,
            campaign=campaign,
            code=code,
            discount=discount,
            metadata=metadata,
            credited_amount=7,
        )
        for code, metadata in [("A", {"n": 1}), ("B", {"n": True}), ("C", {})]
    ]

    keys = WRITER.insert_new(vouchers)

    assert {show("v_", key) for key in keys} == {one.pk for one in vouchers}
    for one in vouchers:
        stored = Voucher.objects.get(pk=one.pk)
        assert kept(stored) == kept(one)
        assert repr(stored.metadata) == repr(one.metadata)
        assert stored.balance == 7


def test_whoever_is_there_keeps_his_place(project):
    taken = VoucherFactory.create(project=project, code="A", metadata={"a": 1})
    rivals = [
        VoucherFactory.build(project=project, code=code, metadata={}) for code in "AB"
    ]

    keys = WRITER.insert_new(rivals)

    assert {show("v_", key) for key in keys} == {rivals[1].pk}
    taken.refresh_from_db()
    assert taken.metadata == {"a": 1}
    assert Voucher.objects.count() == 2


def test_numbers_as_keys_are_left_to_the_database(project):
    action = enqueue(project=project, kind="COUNT", arguments={}, now=NOW)
    refusals = [ReportRow(action=action, number=number) for number in (1, 2)]

    RowWriter(ReportRow).insert(refusals)

    stored = ReportRow.objects.order_by("pk")
    assert [row.number for row in stored] == [1, 2]
    assert stored[0].pk < stored[1].pk


def test_an_update_writes_the_fields_it_names(project):
    voucher = VoucherFactory.create(project=project, active=True, metadata={})
    other = VoucherFactory.create(project=project, active=True, metadata={})
    voucher.active, voucher.metadata = False, {"x": None}
    voucher.additional_info = "not named"

    WRITER.update([voucher], ["active", "metadata"])

    voucher.refresh_from_db()
    other.refresh_from_db()
    assert (voucher.active, voucher.metadata) == (False, {"x": None})
    assert voucher.additional_info is None
    assert (other.active, other.metadata) == (True, {})
