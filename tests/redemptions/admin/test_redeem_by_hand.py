"""Redeeming a code by hand, at the counter of a shop."""

from datetime import timedelta

import pytest
from django.urls import reverse

from promo.api.models import IdempotentAnswer
from redemptions.models import Redemption
from tests.admin_site import make_project, sign_in, statements_of, text_of
from tests.factories.campaigns import VoucherFactory
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db
TEN_OFF = {"type": "AMOUNT", "amount_off": 1000, "effect": "APPLY_TO_ORDER"}


def shown(person, code):
    return person.client.get(reverse("redeem-by-hand"), {"code": code})


def sent(person, code, do="redeem", press="one", **values):
    return person.client.post(
        reverse("redeem-by-hand"),
        {"token": press, "do": do, "amount": "50.00", "customer": "", **values},
        query_params={"code": code},
    )


@pytest.fixture
def voucher():
    return VoucherFactory(
        project=make_project(currency="EUR"),
        code="TEN",
        discount=TEN_OFF,
        redemption_quantity=1,
    )


def test_the_page_says_what_a_code_gives_and_where_it_stands(voucher):
    page = text_of(shown(sign_in(voucher.project, "MERCHANT"), "TEN"))

    assert "10.00 EUR off" in page
    assert "Usable" in page
    assert "0 of 1 uses taken." in page


def test_checking_says_what_is_to_pay_and_moves_nothing(voucher):
    person = sign_in(voucher.project, "MERCHANT")

    page = sent(person, "TEN", do="check")

    voucher.refresh_from_db()
    assert page.context["decided"].headline == "To pay: 40.00 EUR"
    assert (voucher.redeemed_quantity, Redemption.objects.count()) == (0, 0)


def test_redeeming_twice_with_one_token_redeems_once(voucher):
    person = sign_in(voucher.project, "MERCHANT")
    CustomerFactory(project=voucher.project, source_id="ada")

    first = sent(person, "TEN", customer="ada")
    second = sent(person, "TEN", customer="ada")

    row = Redemption.objects.get()
    assert first.url == second.url == reverse("redeemed-by-hand", args=[row.shown_id])
    assert (row.applied_amount, row.customer.source_id) == (1000, "ada")
    assert "40.00 EUR" in text_of(person.client.get(first.url))


def test_what_is_refused_is_told_and_may_be_sent_again(voucher):
    voucher.redeemed_quantity = 1
    voucher.save()
    person = sign_in(voucher.project, "MERCHANT")

    page = sent(person, "TEN")

    told = page.context["decided"]
    assert (told.accepted, told.headline) == (False, "Nothing was redeemed")
    assert "TEN" in told.reasons[0]
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 1
    assert Redemption.objects.get().failure_code == "quantity_exceeded"
    assert IdempotentAnswer.objects.count() == 0


def test_a_token_that_is_in_use_redeems_nothing(voucher):
    person = sign_in(voucher.project, "MERCHANT")
    sent(person, "TEN", amount="20.00")

    page = sent(person, "TEN", amount="30.00")

    assert "This page has been used already." in text_of(page)
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": "a lot"}, "Enter a number."),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"press": ""}, "Open this page anew."),
    ],
)
def test_bad_input_is_told_and_moves_nothing(voucher, values, words):
    page = sent(sign_in(voucher.project, "MERCHANT"), "TEN", **values)

    assert words in text_of(page)
    assert Redemption.objects.count() == 0


def test_an_unknown_code_is_told_at_the_field(voucher):
    foreign = VoucherFactory(project=make_project("Other"), code="FOREIGN")

    page = text_of(shown(sign_in(voucher.project, "MERCHANT"), foreign.code))

    assert "There is no code “FOREIGN”." in page


def test_a_gift_card_pays_what_is_typed():
    card = VoucherFactory(
        project=make_project(currency="EUR"),
        code="CARD",
        type="GIFT_VOUCHER",
        discount=None,
        gift_effect="APPLY_TO_ORDER",
        initial_balance=5000,
        credited_amount=5000,
    )
    person = sign_in(card.project, "MERCHANT")

    done = sent(person, "CARD", credits="20.00")

    card.refresh_from_db()
    assert card.balance == 3000
    assert "Paid with the card" in text_of(person.client.get(done.url))


def test_a_slip_of_ones_own_is_undone_with_a_reason(voucher):
    person = sign_in(voucher.project, "MERCHANT")
    page = sent(person, "TEN").url

    refused = person.client.post(page, {"reason": ""})
    assert "This field is required." in text_of(refused)
    assert Redemption.objects.count() == 1

    person.client.post(page, {"reason": "Wrong customer"})

    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 0
    assert "Wrong customer" in text_of(person.client.get(page))
    assert person.client.post(page, {"reason": "Again"}).status_code == 302
    assert Redemption.objects.count() == 2


@pytest.mark.parametrize("whose", ["another's", "an old one"])
def test_who_may_only_redeem_undoes_nothing_else(voucher, whose):
    person = sign_in(voucher.project, "MERCHANT")
    page = sent(person, "TEN").url
    row = Redemption.objects.get()
    if whose == "another's":
        person = sign_in(voucher.project, "MERCHANT", "bob@example.com")
    else:
        row.created_at -= timedelta(minutes=16)
        row.save()

    assert "Was it a mistake?" not in text_of(person.client.get(page))
    assert person.client.post(page, {"reason": "x"}).status_code == 403
    assert Redemption.objects.count() == 1


def test_who_may_roll_back_undoes_any(voucher):
    page = sent(sign_in(voucher.project, "MERCHANT"), "TEN").url

    sign_in(voucher.project, "USER").client.post(page, {"reason": "x"})

    assert Redemption.objects.count() == 2


def test_who_may_not_redeem_does_not_see_the_page(voucher):
    person = sign_in(voucher.project, "VIEWER")

    assert shown(person, "TEN").status_code == 403
    assert sent(person, "TEN").status_code == 403
    assert Redemption.objects.count() == 0


def test_a_redemption_of_another_project_does_not_exist(voucher):
    page = sent(sign_in(voucher.project, "MERCHANT"), "TEN").url

    other = sign_in(make_project("Other"), "USER")

    assert other.client.get(page).status_code == 404
    assert other.client.post(page, {"reason": "x"}).status_code == 404
    assert Redemption.objects.count() == 1


def test_the_pages_cost_a_few_statements(voucher):
    person = sign_in(voucher.project, "MERCHANT")

    assert statements_of(lambda: shown(person, "TEN")) <= 20
    page = sent(person, "TEN").url
    assert statements_of(lambda: person.client.get(page)) <= 20
