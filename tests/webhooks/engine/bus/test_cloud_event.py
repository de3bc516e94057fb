"""Events as records and back: binary, structured, bare."""

import json
from dataclasses import replace

import pytest

from webhooks.engine.bus.cloud_event import (
    BINARY,
    STRUCTURED,
    CloudEvent,
    Received,
    decode,
    encode,
    size_of,
)
from webhooks.engine.bus.strict_json import Unreadable

EVENT = CloudEvent(
    id="ev_1",
    type="promo.customer.created.v1",
    source="https://promo.example/projects/proj_1",
    subject="cust_1",
    time="2026-03-10T12:00:00.000Z",
    key="cust_1",
    sequence="0001",
    project_id="proj_1",
    schema="https://promo.example/asyncapi.json#/x",
    trace_parent="00-1-2-00",
    data='{"customer":{"name":"Zoë"}}',
)
STRUCTURED_TYPE = [("content-type", b"application/cloudevents+json")]


@pytest.mark.parametrize("mode", [BINARY, STRUCTURED])
def test_what_is_encoded_reads_back(mode: str) -> None:
    found = decode(*encode(EVENT, mode))

    told = {"customer": {"name": "Zoë"}}
    assert (found.data, found.id, found.source) == (told, "ev_1", EVENT.source)
    assert found.project_id == "proj_1"
    assert found.attributes["partitionkey"] == "cust_1"


def test_binary_mode_has_the_data_alone_as_its_value() -> None:
    headers, value = encode(EVENT, BINARY)

    assert value == '{"customer":{"name":"Zoë"}}'.encode()
    assert headers[0] == ("content-type", b"application/json")
    assert dict(headers)["ce_traceparent"] == b"00-1-2-00"
    assert "ce_dataref" not in dict(headers)


@pytest.mark.parametrize("mode", [BINARY, STRUCTURED])
def test_an_address_stands_in_for_the_data(mode: str) -> None:
    address = "https://promo.example/e"
    bare = replace(EVENT, data="", data_ref=address, trace_parent="")

    headers, value = encode(bare, mode)

    assert b'"data":' not in value
    if mode == BINARY:
        assert (dict(headers)["ce_dataref"], value) == (address.encode(), b"")
    else:
        assert json.loads(value)["dataref"] == address


def test_the_size_of_a_record_is_never_too_small() -> None:
    headers, value = encode(EVENT, BINARY)

    told = sum(len(name) + len(text) for name, text in headers)
    assert size_of(b"cust_1", headers, value) > 6 + told + len(value)


def test_bare_json_says_nothing_of_itself() -> None:
    assert decode([], b'{"a": 1}') == Received({"a": 1})
    assert decode([("X-Any", None)], None) == Received(None)


@pytest.mark.parametrize(
    ("headers", "value", "why"),
    [
        ([], b"{", "The value must be JSON in UTF-8"),
        ([], b"\xff", "The value must be JSON in UTF-8"),
        ([], b"[NaN]", "The value must be JSON in UTF-8"),
        ([], b"1e999", "The value must be JSON in UTF-8"),
        ([], b"9" * 30, "The value must be JSON in UTF-8"),
        ([], b"9" * 401, "The value must be JSON in UTF-8"),
        ([], b"[" * 66 + b"]" * 66, "nested deeper than 64 levels"),
        ([], b'{"a": ["\\u0000"]}', "must not contain NUL"),
        ([], b'{"\\ud800": 1}', "must not contain NUL or unpaired surrogates"),
        ([("ce_id", b"\xff")], b"{}", "The header ce_id must be UTF-8"),
        ([("ce_id", b"a\x00")], b"{}", "must not contain NUL"),
        ([("ce_id", b"x" * 501)], b"{}", "id must not exceed 500 characters"),
        ([("ce_specversion", b"0.3")], b"{}", "specversion must be 1.0, it is 0.3"),
        (STRUCTURED_TYPE, b"[]", "A structured event must be an object"),
        (STRUCTURED_TYPE, None, "A structured event must be an object"),
        (STRUCTURED_TYPE, b'{"data_base64": ""}', "must be JSON, not base64"),
        (
            [("content-type", b"application/cloudevents+avro")],
            b"",
            "The format of application/cloudevents+avro is not known",
        ),
    ],
)
def test_what_cannot_be_read_says_why(
    headers: list[tuple[str, bytes]], value: bytes | None, why: str
) -> None:
    with pytest.raises(Unreadable, match=why.replace("+", r"\+")):
        decode(headers, value)


def test_numbers_and_lists_that_fit_are_taken() -> None:
    assert decode([], b'[1.5, 9223372036854775807, {"a": null}]').data == [
        1.5,
        9223372036854775807,
        {"a": None},
    ]
