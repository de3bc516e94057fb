"""What a referral programme says is read, or refused."""

import pytest

from campaigns.engine.referrals import parse_referral_program
from promo.errors import BadRequest, InvalidPayload

BY_REDEMPTION = {"conversion_event_type": "redemption"}


@pytest.mark.parametrize("sent", [None, {}, BY_REDEMPTION, {"referee_reward": None}])
def test_a_referral_is_a_redemption_unless_told_otherwise(sent):
    assert parse_referral_program(sent) == BY_REDEMPTION


def test_a_programme_is_an_object():
    with pytest.raises(InvalidPayload) as refused:
        parse_referral_program(["redemption"])

    assert refused.value.details == "Property .referral_program must be object"


@pytest.mark.parametrize(
    "sent", [{"conversion_event_type": "custom_event"}, {"referee_reward": {}}]
)
def test_what_cannot_be_done_yet_is_refused(sent):
    with pytest.raises(BadRequest) as refused:
        parse_referral_program(sent)

    assert refused.value.key == "invalid_campaign"
