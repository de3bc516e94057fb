"""The button "Try it" on the pages of offers."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tests.admin_site import make_project, sign_in, text_of
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.promotions import TierFactory

pytestmark = pytest.mark.django_db


def goes_to(person, offer):
    response = person.run(offer, "try_it")
    assert response.status_code == 302
    target = urlsplit(response["Location"])
    assert target.path == reverse("try-it")
    return parse_qs(target.query)


def test_each_offer_is_tried_by_what_the_checkout_would_name():
    shop = make_project()
    campaign = CampaignFactory(project=shop)
    first = VoucherFactory(campaign=campaign, code="FIRST")
    VoucherFactory(campaign=campaign, code="SECOND")
    tier = TierFactory(project=shop)
    empty = CampaignFactory(project=shop)
    person = sign_in(shop, "VIEWER")

    assert goes_to(person, first) == {"code": ["FIRST"]}
    assert goes_to(person, campaign) == {"code": ["FIRST"]}
    assert goes_to(person, tier) == {"tier": [tier.pk]}
    assert goes_to(person, tier.campaign) == {"tier": [tier.pk]}
    assert goes_to(person, empty) == {}


def test_the_button_is_there_whether_the_offer_is_enabled_or_not():
    shop = make_project()
    person = sign_in(shop, "VIEWER")

    for active in (True, False):
        voucher = VoucherFactory(project=shop, active=active)
        assert "Try it</" in text_of(person.open(voucher)).replace("\n", "").replace(
            " <", "<"
        )


def test_offers_of_another_project_cannot_be_tried():
    foreign = VoucherFactory(project=make_project("Other"))

    response = sign_in(make_project(), "USER").run(foreign, "try_it")

    assert response.status_code == 404
