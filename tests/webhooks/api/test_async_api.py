"""The AsyncAPI document: what it names, and that it fits together."""

import json
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from promo.outbox.catalogue import heard_by
from promo.outbox.declaring import Audience


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    """The document as it is answered."""
    answer = client.get("/asyncapi.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.content)
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [each for part in value.values() for each in references(part)]
    if isinstance(value, list):
        return [each for part in value for each in references(part)]
    return []


def found_at(document: dict[str, Any], reference: str) -> Any:
    value: Any = document
    for name in reference.removeprefix("#/").split("/"):
        value = value[name]
    return value


def test_there_is_a_message_for_every_event_of_a_project(
    document: dict[str, Any],
) -> None:
    channel = document["channels"]["projectWebhooks"]
    operation = document["operations"]["sendToProjectWebhooks"]
    own = heard_by(Audience.OWN)
    expected = {*heard_by(Audience.PROJECT), *own}

    assert document["asyncapi"] == "3.0.0"
    assert set(channel["messages"]) == expected
    assert expected <= set(document["components"]["messages"])
    assert operation["action"] == "send"
    assert len(operation["messages"]) == 61 + len(own)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    named = references(document)

    assert all(found_at(document, each) is not None for each in named)
    assert len(named) > 200


def test_every_payload_is_a_schema(document: dict[str, Any]) -> None:
    components = {"components": document["components"]}

    for message in document["components"]["messages"].values():
        jsonschema_rs.Draft7Validator({**message["payload"], **components})


def test_an_event_that_nothing_tells_yet_says_so(document: dict[str, Any]) -> None:
    messages = document["components"]["messages"]

    planned = messages["campaign.loyalty_tier.created"]["description"]

    assert planned == ("Told by nothing yet: There are no tiers of loyalty programmes.")
    assert "description" not in messages["campaign.created"]


def test_there_is_a_record_for_every_event_that_the_bus_tells(
    document: dict[str, Any],
) -> None:
    channel = document["channels"]["kafkaEvents"]
    expected = {*heard_by(Audience.PROJECT), *heard_by(Audience.DISTRIBUTION)}

    assert channel["address"] == "promo.{project}.events.v1"
    assert set(channel["parameters"]) == {"project"}
    assert set(channel["messages"]) == expected
    message = document["components"]["messages"]["bus.customer.created"]
    assert message["name"] == "promo.customer.created.v1"
    assert message["bindings"]["kafka"]["bindingVersion"] == "0.5.0"
    schema = found_at(document, message["payload"]["$ref"])
    assert schema["required"] == ["customer"]
    assert document["operations"]["sendToKafka"]["action"] == "send"


def test_the_topics_that_are_read_stand_there_with_their_group(
    document: dict[str, Any],
) -> None:
    for kind in ("customers", "orders", "products", "events"):
        operation = document["operations"][f"receiveFromKafka_{kind}"]
        channel = found_at(document, operation["channel"]["$ref"])

        assert operation["action"] == "receive"
        assert "groupId" in operation["bindings"]["kafka"]
        assert channel["address"] == f"promo.ingest.{kind}.v1"
        assert set(channel["messages"]) == {kind}
