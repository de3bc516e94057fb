"""The wallet on the page of a customer."""

import pytest
from django.urls import reverse

from campaigns.models import HolderRole, Voucher
from customers.models import Customer
from promo.admin.panel import Panel
from tests.admin_site import (
    make_project,
    messages_of,
    page_of,
    sign_in,
    statements_of,
    tables_of,
    text_of,
)
from tests.factories.campaigns import (
    GiftCardFactory,
    HolderFactory,
    LoyaltyCardFactory,
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
    """Return the codes of a wallet; balances stand above them."""
    response = sign_in(customer.project, role).tab(customer, "wallet")
    panels: list[Panel] = response.context["panels"]
    return panels[-1]


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
    for_one = statements_of(lambda: person.tab(ada, "wallet"))

    for _ in range(19):
        HolderFactory(voucher=VoucherFactory(project=ada.project), customer=ada)

    assert statements_of(lambda: person.tab(ada, "wallet")) == for_one


@pytest.fixture
def card(ada: Customer) -> Voucher:
    """A gift card of Ada's with 50.00 on it."""
    made: Voucher = GiftCardFactory(
        project=ada.project, code="GIFT", credited_amount=5_000
    )
    HolderFactory(voucher=made, customer=ada)
    Voucher.objects.filter(pk=made.pk).update(holder=ada)
    made.refresh_from_db()
    return made


def test_balances_stand_above_the_codes(ada: Customer, card: Voucher) -> None:
    person = sign_in(ada.project, "USER")

    tables = tables_of(person.tab(ada, "wallet"))

    assert tables["Balances"] == [["GIFT", "-", "50.00 EUR", "Usable", "Change"]]


def test_who_may_not_change_balances_sees_them(ada: Customer, card: Voucher) -> None:
    person = sign_in(ada.project, "VIEWER")

    response = person.run(
        ada, "change_balance", card=card.pk, amount="5", reason="Sorry"
    )

    card.refresh_from_db()
    assert tables_of(person.tab(ada, "wallet"))["Balances"] == [
        ["GIFT", "-", "50.00 EUR", "Usable"]
    ]
    assert response.status_code == 403
    assert card.balance == 5_000


def test_a_balance_is_changed_with_a_reason(ada: Customer, card: Voucher) -> None:
    response = sign_in(ada.project, "USER").run(
        ada, "change_balance", card=card.pk, amount="-12.50", reason="Sent twice"
    )

    card.refresh_from_db()
    [entry] = card.ledger_entries.all()
    assert response["Location"] == f"{page_of(ada)}?tab=wallet"
    assert messages_of(response) == ["GIFT has 37.50 EUR now."]
    assert (card.balance, entry.amount, entry.reason) == (3_750, -1_250, "Sent twice")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount": "5", "reason": ""}, "This field is required."),
        ({"amount": "-50.01", "reason": "Sorry"}, "The balance of GIFT is 5000"),
        ({"amount": "0", "reason": "Sorry"}, "must not be 0"),
    ],
)
def test_what_cannot_be_changed_is_told_and_moves_nothing(
    ada: Customer, card: Voucher, values: dict[str, str], said: str
) -> None:
    person = sign_in(ada.project, "USER")

    response = person.run(ada, "change_balance", card=card.pk, **values)

    card.refresh_from_db()
    assert response.status_code == 200
    assert said in text_of(response)
    assert card.balance == 5_000
    assert not card.ledger_entries.exists()


def test_a_card_of_somebody_else_is_not_changed(ada: Customer, card: Voucher) -> None:
    other = CustomerFactory(project=ada.project)
    person = sign_in(ada.project, "USER")

    response = person.run(
        other, "change_balance", card=card.pk, amount="5", reason="Sorry"
    )

    card.refresh_from_db()
    assert response.status_code == 200
    assert "is not one of the available choices" in text_of(response)
    assert card.balance == 5_000


def test_the_dialog_begins_with_the_card_that_was_pressed(
    ada: Customer, card: Voucher
) -> None:
    loyalty = LoyaltyCardFactory(project=ada.project, code="CLUB")
    HolderFactory(voucher=loyalty, customer=ada)
    person = sign_in(ada.project, "USER")
    panel: Panel = person.tab(ada, "wallet").context["panels"][0]

    form = person.client.get(panel.rows[1][-1].link).context["form"]

    assert panel.rows[1][0].text == "GIFT"
    assert form["card"].value() == card.pk
    assert [name for name, _ in form.fields["card"].choices] == [loyalty.pk, card.pk]


def test_who_has_no_card_has_no_balance_to_change(ada: Customer) -> None:
    person = sign_in(ada.project, "USER")

    tables = tables_of(person.tab(ada, "wallet"))

    assert tables == {"Codes": []}


def test_what_they_can_use_is_tried_with_the_customer_filled_in(
    ada: Customer,
) -> None:
    person = sign_in(ada.project, "VIEWER")

    link = dict(person.open(ada).context["links"])["What can they use on a cart?"]
    response = person.client.get(link)

    assert response["Location"] == f"{reverse('try-it')}?customer={ada.pk}"
