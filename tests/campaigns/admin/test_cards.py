"""Gift cards and loyalty cards at the dashboard."""

import pytest

from campaigns.models import Campaign
from tests.admin_site import errors_of, make_project, sign_in, text_of
from tests.factories.campaigns import (
    GiftCampaignFactory,
    GiftCardFactory,
    LoyaltyCardFactory,
    LoyaltyProgramFactory,
    gift_template,
)

pytestmark = pytest.mark.django_db

_GIFTS = {
    "name": "Gifts",
    "campaign_type": "GIFT_VOUCHERS",
    "credits": "25.00",
    "pays": "APPLY_TO_ITEMS",
    "codes": "STATIC",
    "metadata": "{}",
}
_PROGRAM = {
    "name": "Club",
    "campaign_type": "LOYALTY_PROGRAM",
    "points": "30",
    "codes": "STANDALONE",
    "metadata": "{}",
}


def test_adding_a_gift_campaign_stores_its_credits():
    project = make_project(currency="EUR")

    response = sign_in(project, "USER").add(Campaign, **_GIFTS, vouchers_count="1")

    campaign = project.campaigns.get()
    assert response.status_code == 302
    assert campaign.voucher["gift"] == {"amount": 2500, "effect": "APPLY_TO_ITEMS"}
    assert campaign.vouchers.get().balance == 2500


def test_adding_a_programme_gives_each_member_a_card_of_its_own():
    project = make_project(currency="EUR")

    response = sign_in(project, "USER").add(Campaign, **_PROGRAM)

    campaign = project.campaigns.get()
    assert response.status_code == 302
    assert campaign.voucher["loyalty_card"] == {"points": 30}
    assert (campaign.type, campaign.join_once) == ("STATIC", True)


@pytest.mark.parametrize(
    ("sent", "field"),
    [({**_GIFTS, "credits": ""}, "credits"), ({**_PROGRAM, "points": ""}, "points")],
)
def test_cards_without_a_balance_are_refused_beside_the_field(sent, field):
    project = make_project(currency="EUR")

    response = sign_in(project, "USER").add(Campaign, **sent)

    assert errors_of(response) == {field: ["Say how much."]}
    assert not project.campaigns.exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda project: GiftCampaignFactory(project=project),
            "50.00 EUR of credit",
        ),
        (
            lambda project: GiftCampaignFactory(
                project=project,
                voucher=gift_template(gift={"amount": 100, "effect": "APPLY_TO_ITEMS"}),
            ),
            "1.00 EUR of credit for matching items",
        ),
        (lambda project: LoyaltyProgramFactory(project=project), "100 points"),
    ],
)
def test_a_campaign_of_cards_says_what_they_start_with(make, words):
    campaign = make(make_project(currency="EUR"))

    assert words in text_of(sign_in(campaign.project, "USER").open(campaign))


def test_changing_a_gift_campaign_keeps_its_credits():
    campaign = GiftCampaignFactory(project=make_project(currency="EUR"))

    response = sign_in(campaign.project, "USER").change(
        campaign, description="New", metadata="{}"
    )

    campaign.refresh_from_db()
    assert response.status_code == 302
    assert (campaign.description, campaign.voucher["gift"]) == ("New", {"amount": 5000})


@pytest.mark.parametrize(
    ("make", "balance"),
    [
        (
            lambda project: GiftCardFactory(
                project=project, redeemed_amount=1000, initial_balance=4000
            ),
            "40.00 EUR",
        ),
        (
            lambda project: LoyaltyCardFactory(
                campaign=LoyaltyProgramFactory(project=project)
            ),
            "1,000 points",
        ),
        (lambda project: GiftCardFactory(project=project, credited_amount=0), "0.00"),
    ],
)
def test_the_page_of_a_card_shows_its_balance_and_leads_to_its_ledger(make, balance):
    card = make(make_project(currency="EUR"))

    page = sign_in(card.project, "VIEWER").open(card)

    assert balance in text_of(page)
    assert "/redemptions/ledgerentry/?voucher__id__exact=" in page.content.decode()
