"""The page of one code: its pictures, its history, and what can be done to it."""

import pytest

from campaigns.models import Voucher
from campaigns.services.voucher import disable_voucher
from promo.clock import utc_now
from redemptions.models import LedgerEntry, Redemption
from tests.admin_site import (
    address,
    make_project,
    messages_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.redemptions.admin.test_redeem_by_hand import TEN_OFF, sent

pytestmark = pytest.mark.django_db


def quoted(voucher: Voucher) -> str:
    return voucher.pk.replace("_", "_5F")


def picture(person, voucher, name):
    return person.client.get(address(Voucher, "picture", quoted(voucher), name))


def history(person, voucher):
    shown = person.open(voucher).context["history"]
    return [(one.what, one.note) for one in shown]


def card(kind="GIFT_VOUCHER", **values):
    return VoucherFactory(
        project=make_project(currency="EUR"),
        code="CARD",
        type=kind,
        discount=None,
        initial_balance=5000,
        credited_amount=5000,
        **values,
    )


def test_the_history_tells_all_that_happened_the_newest_first():
    campaign = CampaignFactory(project=make_project(currency="EUR"))
    voucher = VoucherFactory(
        campaign=campaign, code="TEN", discount=TEN_OFF, redemption_quantity=1
    )
    person = sign_in(campaign.project, "USER")
    person.run(voucher, "give", customer="ada")
    page = sent(person, "TEN", customer="ada").url
    sent(person, "TEN", press="two")
    person.client.post(page, {"reason": "A slip"})
    disable_voucher(voucher, now=utc_now())

    told = history(person, voucher)

    assert [what for what, _ in told] == [
        "Disabled",
        "Rolled back",
        "Refused",
        "Redeemed, rolled back since",
        "Given to ada",
        "Created",
    ]
    assert told[1][1].endswith("A slip")
    assert told[2][1] == "All uses taken"
    assert told[3][1] == "By ada, 10.00 EUR"


def test_who_may_only_redeem_sees_who_edited_a_code():
    voucher = VoucherFactory(project=make_project(), code="TEN")
    sign_in(voucher.project, "USER").run(voucher, "disable")

    told = history(sign_in(voucher.project, "MERCHANT"), voucher)

    assert told[0] == ("Disabled", "By user@example.com")


def test_a_code_gets_another_end():
    voucher = VoucherFactory(project=make_project(timezone="UTC"))
    person = sign_in(voucher.project, "USER")

    person.run(voucher, "extend", expiration_date_0="2031-05-01")

    voucher.refresh_from_db()
    assert f"{voucher.expiration_date:%Y-%m-%d %H:%M:%S}" == "2031-05-01 23:59:59"


def test_a_balance_is_changed_with_a_reason():
    gift = card(gift_effect="APPLY_TO_ORDER")
    person = sign_in(gift.project, "USER")

    done = person.run(gift, "change_balance", amount="-12.50", reason="Wrong card")

    gift.refresh_from_db()
    entry = LedgerEntry.objects.get()
    assert gift.balance == 3750
    assert (entry.amount, entry.reason, entry.source) == (
        -1250,
        "Wrong card",
        "dashboard",
    )
    assert messages_of(done) == ["CARD has 37.50 EUR now."]
    assert history(person, gift)[0] == ("Credits taken off: -12.50 EUR", "Wrong card")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": "-60.00", "reason": "x"}, "The balance of CARD is 5000"),
        ({"amount": "1.00", "reason": ""}, "This field is required."),
        ({"amount": "0", "reason": "x"}, "must not be 0"),
    ],
)
def test_a_balance_that_cannot_be_is_told_and_moves_nothing(values, words):
    gift = card(gift_effect="APPLY_TO_ORDER")

    refused = sign_in(gift.project, "USER").run(gift, "change_balance", **values)

    gift.refresh_from_db()
    assert words in text_of(refused)
    assert (gift.balance, LedgerEntry.objects.count()) == (5000, 0)


def test_points_are_whole():
    points = card("LOYALTY_CARD")
    person = sign_in(points.project, "USER")

    refused = person.run(points, "change_balance", amount="1.50", reason="x")

    assert "Points are whole numbers" in text_of(refused)
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("qr.svg", "image/svg+xml"),
        ("qr.png", "image/png"),
        ("barcode.svg", "image/svg+xml"),
        ("barcode.png", "image/png"),
    ],
)
def test_pictures_are_downloaded(name, kind):
    voucher = VoucherFactory(project=make_project(), code="TEN")
    person = sign_in(voucher.project, "VIEWER")

    found = picture(person, voucher, name)

    assert (found.status_code, found["Content-Type"]) == (200, kind)
    assert found["Content-Disposition"] == (
        f'attachment; filename="{voucher.pk}-{name}"'
    )


def test_pictures_that_cannot_be_are_not_found():
    project = make_project()
    voucher = VoucherFactory(project=project, code="ÉTÉ")
    foreign = VoucherFactory(project=make_project("Other"), code="X")
    person = sign_in(project, "VIEWER")

    assert picture(person, voucher, "barcode.svg").status_code == 404
    assert picture(person, voucher, "qr.gif").status_code == 404
    assert picture(person, foreign, "qr.svg").status_code == 404
    assert "Barcode" not in text_of(person.open(voucher))


def test_who_may_only_read_changes_nothing():
    gift = card(gift_effect="APPLY_TO_ORDER")
    person = sign_in(gift.project, "VIEWER")

    sent = {"amount": "1.00", "reason": "x"}
    assert person.run(gift, "change_balance", **sent).status_code == 403
    assert person.run(gift, "extend").status_code == 403
    gift.refresh_from_db()
    assert (gift.balance, gift.expiration_date) == (5000, None)


def test_the_page_costs_the_same_for_a_long_history():
    voucher = VoucherFactory(
        project=make_project(currency="EUR"), code="TEN", discount=TEN_OFF
    )
    person = sign_in(voucher.project, "USER")
    sent(person, "TEN", press="first")
    for_one = statements_of(lambda: person.open(voucher))

    for press in ("a", "b", "c"):
        sent(person, "TEN", press=press)

    assert Redemption.objects.count() == 4
    assert statements_of(lambda: person.open(voucher)) == for_one <= 20
