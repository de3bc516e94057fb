"""Signatures: the documented vectors, and what receivers verify with."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from webhooks.engine.json_text import _parts, as_sent
from webhooks.engine.signing import new_secret, signature, signed_headers

SECRET = "secretKey"  # noqa: S105 - the documentation gives it


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"a": 1},
            "a17d2ac229d1ebbb5f10e839c7985c4818e5986eab297f7e5979196d4d7d3ed2",
        ),
        (
            {'a"b': 1},
            "f7cf97814a03146abedb9793f56e1dec34f618f82d10395310d053f749483ffb",
        ),
    ],
)
def test_the_documented_vectors_hold(payload: object, expected: str) -> None:
    assert signature(as_sent(payload), SECRET) == expected


def test_a_signature_is_the_hexadecimal_hmac_of_the_bytes() -> None:
    # RFC 4231, test case 2.
    text, key = "what do ya want for nothing?", "Jefe"

    assert signature(text, key) == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_receivers_of_both_kinds_accept_what_is_sent() -> None:
    older, newer = new_secret(), new_secret()
    now = datetime.now(UTC)  # noqa: TID251 - receivers compare with their clock
    body = as_sent({"text": "Zażółć €"})

    headers = signed_headers(
        body, secrets_held=[newer, older], message_id="whs_1", now=now
    )

    assert headers["x-voucherify-signature"] == signature(body, newer)
    for secret in (older, newer):
        assert Webhook(secret).verify(body, headers) == {"text": "Zażółć €"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "10": 2, "2": 3, "a": 4}, '{"2":3,"10":2,"b":1,"a":4}'),
        ({"01": 1, "0": 2, "-1": 3}, '{"0":2,"01":1,"-1":3}'),
        ({"4294967295": 1, "4294967294": 2}, '{"4294967294":2,"4294967295":1}'),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (-2.5, "-2.5"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-9, "1.25e-9"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (2**53 + 1, "9007199254740992"),
        (True, "true"),
        (None, "null"),
        ('é\u2028\x1f\x7f"\\', '"é\u2028\\u001f\x7f\\"\\\\"'),
        ([1, {"x": []}, {}], '[1,{"x":[]},{}]'),
    ],
)
def test_text_is_what_reading_and_writing_it_again_gives(
    value: object, text: str
) -> None:
    assert as_sent(value) == text
    assert as_sent(json.loads(text)) == text


_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_TEXTS = st.text(max_size=6) | st.text('0123456789.:,["-eE', max_size=18)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_VALUES)
def test_whoever_reads_and_writes_it_again_gets_the_same_text(value: object) -> None:
    text = as_sent(value)

    assert text == "".join(_parts(value))
    assert as_sent(json.loads(text)) == text
