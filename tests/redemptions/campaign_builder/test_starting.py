"""What a draft starts with: enough to be live with nothing but a name and an offer."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from campaigns.models import CampaignDraft
from redemptions.campaign_builder.beginning import started
from tests.admin_site import make_project, messages_of, sign_in, text_of
from tests.factories.campaigns import GiftCampaignFactory, LoyaltyProgramFactory

pytestmark = pytest.mark.django_db


def test_many_codes_start_with_a_hundred_for_one_use_each():
    fields = started({"what": ["bulk"]})

    assert fields == {"what": ["bulk"], "vouchers_count": ["100"], "quantity": ["1"]}


def test_another_kind_takes_along_what_somebody_typed_alone():
    fields = {"what": ["generic"], "vouchers_count": ["100"], "quantity": ["3"]}

    assert started(fields, before="bulk") == {"what": ["generic"], "quantity": ["3"]}


def test_what_somebody_has_emptied_stays_empty():
    fields = {"what": ["bulk"], "vouchers_count": [""], "quantity": [""]}

    assert started(fields, before="bulk") == fields


def test_a_name_and_an_offer_are_enough_for_codes_that_can_be_used():
    shop = make_project(currency="EUR")
    person = sign_in(shop, "USER")
    person.client.post(reverse("campaign-builder-begin"), {"what": "bulk"})
    draft = CampaignDraft.objects.get()

    def sent(step, **values):
        address = reverse("campaign-builder-step", args=(quote(draft.pk), step))
        return person.client.post(address, values)

    sent("kind", do="next", what="bulk", name="Autumn")
    offer = {"kind": "PERCENT", "percent_off": "20", "effect": "APPLY_TO_ORDER"}
    told = text_of(sent("offer", do="", **offer))
    published = sent("review", do="publish")

    assert "Each code once. 100 codes. No end." in told
    assert messages_of(published) == [
        "100 codes are being made; its page lists them soon.",
        "Autumn is live within its dates.",
    ]
    campaign = shop.campaigns.get()
    assert campaign.voucher["redemption"] == {"quantity": 1}


@pytest.mark.parametrize(
    ("make", "filled"),
    [
        (GiftCampaignFactory, {"what": ["gift"], "credits": ["50.00"]}),
        (LoyaltyProgramFactory, {"what": ["loyalty"], "points": ["100"]}),
    ],
)
def test_a_copy_of_a_campaign_of_cards_starts_with_their_balance(make, filled):
    shop = make_project(currency="EUR")
    campaign = make(project=shop)
    person = sign_in(shop, "USER")

    person.client.post(reverse("campaign-builder-begin"), {"copy": campaign.pk})

    fields = CampaignDraft.objects.get().payload["fields"]
    assert fields.items() >= filled.items()
    assert fields["name"] == [f"Copy of {campaign.name}"]
