"""The list of codes finds the few cards among millions of codes by their index."""

import pytest

from campaigns.admin.code_list import KINDS
from campaigns.models import Voucher, VoucherType
from campaigns.services.code_search import CodeSearch
from tests.admin_site import make_project, rows_of, sign_in
from tests.factories.campaigns import GiftCardFactory, VoucherFactory
from tests.factories.tenancy import NOW
from tests.plans import plan_of_page, prepared_plan

pytestmark = pytest.mark.django_db
INDEX = "Index Scan using voucher_card_newest on"


@pytest.mark.parametrize("kind", [VoucherType.GIFT_VOUCHER, VoucherType.LOYALTY_CARD])
def test_cards_are_read_newest_first_from_their_index(kind):
    plan = plan_of_page(Voucher, kind=kind)

    assert INDEX in plan
    assert "Sort" not in plan


def test_a_change_of_cards_finds_them_by_the_same_index():
    search = CodeSearch(kind=VoucherType.GIFT_VOUCHER)

    plan = prepared_plan(search.rows(make_project(), NOW)[:51])

    assert INDEX in plan


def test_each_kind_shows_its_codes_alone():
    project = make_project()
    card = GiftCardFactory(project=project)
    code = VoucherFactory(project=project)
    person = sign_in(project, "VIEWER")

    shown = {kind: rows_of(person.list(Voucher, kind=kind)) for kind in KINDS}

    assert shown == {
        VoucherType.DISCOUNT_VOUCHER: [code],
        VoucherType.GIFT_VOUCHER: [card],
        VoucherType.LOYALTY_CARD: [],
    }
