"""The wallet on the page of a customer."""

import pytest

from campaigns.models import HolderRole
from customers.models import Customer
from promo.admin.panel import Panel
from tests.admin_site import make_project, sign_in, statements_of, text_of
from tests.factories.campaigns import (
    GiftCardFactory,
    HolderFactory,
    ReferralCampaignFactory,
    VoucherFactory,
)
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Customer:
    """Somebody of a project that counts in euro."""
    project = make_project(currency="EUR")
    made: Customer = CustomerFactory(project=project, name="Ada")
    return made


def wallet_of(customer: Customer, role: str = "VIEWER") -> Panel:
    response = sign_in(customer.project, role).open(customer)
    assert response.status_code == 200
    panels: list[Panel] = response.context["panels"]
    assert panels[0].title in text_of(response)
    return panels[0]


def test_the_wallet_says_what_each_code_gives_and_where_it_stands(
    ada: Customer,
) -> None:
    campaign = ReferralCampaignFactory(project=ada.project, name="Friends")
    invited = VoucherFactory(campaign=campaign, code="INVITE", is_referral_code=True)
    HolderFactory(voucher=invited, customer=ada, role=HolderRole.REFEREE)
    card = GiftCardFactory(project=ada.project, code="GIFT", credited_amount=0)
    HolderFactory(voucher=card, customer=ada)

    panel = wallet_of(ada)

    assert [[cell.text for cell in row] for row in panel.rows] == [
        ["GIFT", "-", "0.00 EUR of credit", "Owner", "10 Mar 2026", "Empty"],
        ["INVITE", "Friends", "10 % off", "Referee", "10 Mar 2026", "Usable"],
    ]
    assert panel.rows[0][-1].tone == "warn"


def test_an_empty_wallet_says_so(ada: Customer) -> None:
    assert list(wallet_of(ada).rows) == []


def test_twenty_codes_cost_as_much_as_one(ada: Customer) -> None:
    person = sign_in(ada.project, "VIEWER")
    HolderFactory(voucher=VoucherFactory(project=ada.project), customer=ada)
    for_one = statements_of(lambda: person.open(ada))

    for _ in range(19):
        HolderFactory(voucher=VoucherFactory(project=ada.project), customer=ada)

    assert statements_of(lambda: person.open(ada)) == for_one
