"""What is taken out of a call before it is stored."""

import json

import pytest

from promo.call_log import masking
from promo.call_log.masking import (
    LONGEST_BODY,
    is_telling,
    mask_emails,
    masked_body,
    masked_url,
)


def stored(value):
    return masked_body(json.dumps(value, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    "name",
    [
        *("token", "access_token", "accessToken", "X-App-Token", "refresh-token"),
        *(
            "secret",
            "client_secret",
            "appSecret",
            "password",
            "passwd",
            "new_password1",
        ),
        *("pwd", "passphrase", "credentials", "Authorization", "Cookie", "set-cookie"),
        *("api_key", "apiKey", "API-KEY", "private_key", "accesskey"),
    ],
)
def test_what_stands_under_a_telling_name_is_masked(name):
    assert stored({"a": [{name: "s3cret-1", "b": 1}]}) == (
        f'{{"a": [{{"{name}": "***", "b": 1}}]}}'
    )


@pytest.mark.parametrize(
    "name", ["key", "code", "id", "keyword", "metadata_key", "session", "pass_count"]
)
def test_other_names_keep_their_values(name):
    assert stored({name: "s3cret-1"}) == f'{{"{name}": "s3cret-1"}}'


def test_whole_objects_and_numbers_under_a_telling_name_are_masked():
    sent = {"credentials": {"user": "a"}, "tokens": ["x", "y"], "password": 12345}

    assert json.loads(stored(sent)) == dict.fromkeys(sent, "***")


def test_nothing_a_yes_and_a_no_are_no_secrets():
    sent = {"token": None, "secret": "", "password": True, "api_key": False}

    assert json.loads(stored(sent)) == sent


def test_a_header_told_as_name_and_value_is_masked():
    sent = [
        {"name": "Authorization", "value": "Basic YTpi"},
        {"name": "X-Shop", "value": "main"},
    ]

    assert json.loads(stored(sent)) == [
        {"name": "Authorization", "value": "***"},
        {"name": "X-Shop", "value": "main"},
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Bearer abc.def-1", "Bearer ***"),
        ("sent bearer  abcdef", "sent bearer  ***"),
        ("https://x.example/e?token=abc&a=1", "https://x.example/e?token=***&a=1"),
        ("/e?a=1&app_secret=abc", "/e?a=1&app_secret=***"),
        ('{"token": "abc"}', '{"token": "***"}'),
        ('[{"token": "abc"', "***"),
        ("a token of love", "a token of love"),
        ("{secret}", "***"),
    ],
)
def test_secrets_inside_a_text_are_masked(text, kept):
    assert json.loads(stored({"text": text})) == {"text": kept}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"to\\u006ben": "s3cret-1"}',
        b'\xff\xfe{\x00"\x00t\x00o\x00k\x00e\x00n\x00"\x00:\x00"\x00s\x003\x00"\x00}\x00',
    ],
)
def test_a_name_spelled_in_another_way_is_masked(raw):
    assert masked_body(raw) == '{"token": "***"}'


@pytest.mark.parametrize(
    "raw", [b'{"token": "s3cret-1"', b"password=s3cret-1", b'{"token": "\x00s3cret"}']
)
def test_of_what_cannot_be_read_and_may_be_secret_only_the_size_is_told(raw):
    assert masked_body(raw) == f"[{len(raw)} bytes that are not JSON]"


def test_json_nested_too_deep_is_told_by_its_size():
    raw = b'{"token":' * 5_000 + b"1" + b"}" * 5_000

    assert masked_body(raw) == "[50,001 bytes that are not JSON]"


def test_a_body_without_secrets_is_stored_as_it_came():
    raw = b'{"name":  "Caf\xc3\xa9", "key": "voucher_expired"}'

    assert masked_body(raw) == raw.decode()


def test_a_secret_that_the_caller_showed_is_masked_wherever_it_stands():
    assert masked_body(b'{"note": "mine is 1234-5678"}', ["1234-5678"]) == (
        '{"note": "mine is ***"}'
    )


def test_a_long_body_is_cut_at_64_kb():
    raw = b'{"name": "' + "é".encode() * LONGEST_BODY + b'"}'

    kept = masked_body(raw)

    assert len(kept.encode()) == LONGEST_BODY
    assert kept == raw.decode()[: len(kept)]


def test_a_secret_is_masked_before_a_long_body_is_cut():
    start = b'{"name": "' + b"x" * (LONGEST_BODY - 40) + b'", "token": "'
    raw = start + b"s3cret-" * 20 + b'"}'

    assert "s3cret" not in masked_body(raw)


def test_of_an_email_address_the_first_letter_and_the_domain_stay():
    masked = mask_emails('{"email": "jane.doe+1@mail.example.com", "at": "a@b"}')

    head, _, tail = masked.partition("@")
    assert head.startswith('{"email": "j***')
    assert len(head) == len('{"email": "j***') + 10
    assert tail == 'mail.example.com", "at": "a@b"}'


def test_one_address_has_one_mark_and_another_has_another():
    one, same, other = (
        mask_emails(text)
        for text in ("jane@example.com", "JANE@example.com", "jack@example.com")
    )

    assert one == same
    assert one != other


def test_a_text_without_a_mark_of_an_address_stays():
    for text in ("", "no address", "@", "@home", "a@", "x @ y.z", "@@"):
        assert mask_emails(text) == text


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/v1/vouchers", "/v1/vouchers"),
        ("/v1/customers/a%2fb%20c", "/v1/customers/a%2Fb%20c"),
        ("/v1/exports/exp_1?token=abc&a=1", "/v1/exports/exp_1?token=***&a=1"),
        ("/v1/x?app%5Ftoken=abc&q=a+b", "/v1/x?app_token=***&q=a%20b"),
        ("/v1/x?filters[code][$is]=a&flag=", "/v1/x?filters[code][$is]=a&flag="),
        ("/v1/x?note=my-1234-5678", "/v1/x?note=my-***"),
    ],
)
def test_an_address_is_stored_without_secrets_in_one_way(url, kept):
    assert masked_url(url, ["1234-5678"]) == kept


def test_an_email_address_in_an_address_is_masked():
    mark = mask_emails("jane@example.com")

    assert masked_url("/v1/customers/jane%40example.com") == f"/v1/customers/{mark}"
    assert masked_url("/v1/customers?email=jane@example.com&a=b") == (
        f"/v1/customers?email={mark}&a=b"
    )


def test_names_are_compared_whatever_their_writing():
    assert is_telling("App-ToKen")
    assert not is_telling("to ok en")
    assert masking.json_part('a"b') == '"a\\"b"'
