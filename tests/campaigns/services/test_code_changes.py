"""One change of many codes, portion by portion."""

from datetime import timedelta

import pytest

from campaigns.models import Voucher
from campaigns.services import code_changes
from campaigns.services.code_changes import Change, start_change
from campaigns.services.code_search import CodeSearch
from promo.errors import InvalidPayload, ResourceNotFound
from promo.jobs.actions import run_step
from promo.jobs.models import ReportRow
from promo.outbox.models import DomainEvent
from tests.admin_site import make_project
from tests.factories.campaigns import CampaignFactory, CategoryFactory, VoucherFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


def run(project, search, change, value=None):
    action = start_change(
        project=project, search=search, change=change, value=value, now=NOW
    )
    while run_step(action.pk, now=NOW):
        pass
    action.refresh_from_db()
    return action


def test_only_what_the_search_finds_is_disabled_and_told():
    campaign = CampaignFactory(project=make_project())
    meant = VoucherFactory(campaign=campaign, code="A-1")
    VoucherFactory(project=campaign.project, code="A-2")
    VoucherFactory(code="A-3")

    action = run(campaign.project, CodeSearch(campaign=campaign.pk), Change.DISABLE)

    off = Voucher.objects.filter(active=False).values_list("code", flat=True)
    assert list(off) == ["A-1"]
    assert (action.status, action.result["done_count"]) == ("DONE", 1)
    [told] = DomainEvent.objects.filter(type="voucher.disabled")
    assert told.entity_id == meant.pk
    assert list(ReportRow.objects.values_list("name", "updated")) == [("A-1", True)]


def test_many_portions_reach_each_code_once(monkeypatch):
    monkeypatch.setattr(code_changes, "PORTION", 2)
    project = make_project()
    for _ in range(5):
        VoucherFactory(project=project)

    search = CodeSearch(state="Running")
    action = run(project, search, Change.DISABLE)

    assert not project.vouchers.filter(active=True).exists()
    assert action.result["done_count"] == ReportRow.objects.count() == 5
    assert action.progress["total"] == 5


def test_codes_made_later_are_left_alone():
    project = make_project()
    VoucherFactory(project=project, created_at=NOW + timedelta(seconds=1))

    action = run(project, CodeSearch(), Change.DISABLE)

    assert action.result["done_count"] == 0
    assert project.vouchers.get().active is True


def test_a_new_end_is_refused_for_the_codes_that_begin_later():
    campaign = CampaignFactory(project=make_project())
    VoucherFactory(campaign=campaign, code="A")
    VoucherFactory(campaign=campaign, code="B", start_date=LATER + timedelta(days=1))

    action = run(campaign.project, CodeSearch(), Change.EXPIRE, LATER.isoformat())

    ends = dict(Voucher.objects.values_list("code", "expiration_date"))
    assert ends == {"A": LATER, "B": None}
    assert Voucher.objects.get(code="A").own_fields == ["expiration_date"]
    assert Voucher.objects.get(code="B").own_fields == []
    assert action.result["failed_count"] == 1
    [refused] = ReportRow.objects.exclude(error_key="")
    assert (refused.name, refused.error_key) == ("B", "invalid_payload")


def test_category_and_metadata():
    project = make_project()
    category = CategoryFactory(project=project)
    VoucherFactory(project=project, metadata={"a": 1})

    run(project, CodeSearch(), Change.CATEGORY, category.pk)
    run(project, CodeSearch(), Change.METADATA, {"b": 2})

    voucher = project.vouchers.get()
    assert (voucher.category, voucher.metadata) == (category, {"a": 1, "b": 2})


def test_deleting_puts_them_into_the_bin():
    project = make_project()
    VoucherFactory(project=project, code="A")
    kept = VoucherFactory(project=project, code="B")

    run(project, CodeSearch(start="A"), Change.DELETE)

    assert list(project.vouchers.alive()) == [kept]
    assert project.vouchers.get(code="A").deleted_at == NOW


@pytest.mark.parametrize(
    ("change", "value", "error"),
    [
        (Change.EXPIRE, "tomorrow", InvalidPayload),
        (Change.METADATA, {}, InvalidPayload),
        (Change.CATEGORY, "cat_none", ResourceNotFound),
    ],
)
def test_what_cannot_be_is_refused_before_anything_begins(change, value, error):
    project = make_project()
    VoucherFactory(project=project)

    with pytest.raises(error):
        start_change(
            project=project, search=CodeSearch(), change=change, value=value, now=NOW
        )

    assert project.async_actions.count() == 0
