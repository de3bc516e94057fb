"""What a referral programme says is read, or refused."""

import pytest

from campaigns.engine.referrals import counts_event, parse_referral_program
from promo.errors import BadRequest, InvalidPayload

BY_REDEMPTION = {"conversion_event_type": "redemption"}
BY_EVENT = {"conversion_event_type": "custom_event"}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        BY_REDEMPTION,
        {"referee_reward": None},
        {**BY_REDEMPTION, "custom_event": {"id": "ms_1"}},
    ],
)
def test_a_referral_is_a_redemption_unless_told_otherwise(sent):
    assert parse_referral_program(sent) == BY_REDEMPTION


@pytest.mark.parametrize(
    "event", [{"id": "ms_1"}, {"name": "signed_up"}, {"id": "ms_1", "name": "x"}]
)
def test_a_referral_may_be_a_custom_event(event):
    sent = {**BY_EVENT, "custom_event": {**event, "more": 5}}

    assert parse_referral_program(sent) == {**BY_EVENT, "custom_event": event}


@pytest.mark.parametrize(
    ("sent", "details"),
    [
        (["redemption"], " must be object"),
        (BY_EVENT, " should have required property 'custom_event'"),
        (
            {**BY_EVENT, "custom_event": {}},
            ".custom_event should have required property 'id'",
        ),
        ({**BY_EVENT, "custom_event": "x"}, ".custom_event must be object"),
        ({**BY_EVENT, "custom_event": {"id": 5}}, ".custom_event.id must be string"),
    ],
)
def test_a_programme_of_another_shape_is_refused(sent, details):
    with pytest.raises(InvalidPayload) as refused:
        parse_referral_program(sent)

    assert refused.value.details == f"Property .referral_program{details}"


def test_what_cannot_be_done_yet_is_refused():
    with pytest.raises(BadRequest) as refused:
        parse_referral_program({"referee_reward": {}})

    assert refused.value.key == "invalid_campaign"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ({**BY_EVENT, "custom_event": {"id": "ms_1", "name": "x"}}, True),
        ({**BY_EVENT, "custom_event": {"id": "ms_2", "name": "x"}}, False),
        (BY_REDEMPTION, False),
        (None, False),
    ],
)
def test_a_programme_counts_its_own_event(program, expected):
    assert counts_event(program, "ms_1") is expected
