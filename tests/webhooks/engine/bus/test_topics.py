"""Names on the bus: topics, types, traces, and what librdkafka is told."""

import pytest

from webhooks.engine.bus import topics
from webhooks.engine.bus.client_options import (
    Access,
    consumer_options,
    producer_options,
)
from webhooks.engine.bus.tracing import trace_parent


@pytest.mark.parametrize(
    ("event", "aggregate"),
    [
        ("customer.created", "customer"),
        ("customer.segment.entered", "segment"),
        ("customer.order.paid", "order"),
        ("customer.redemption.succeeded", "redemption"),
        ("redemption.failed", "redemption"),
        ("voucher.published", "publication"),
        ("publication.succeeded", "publication"),
        ("voucher.updated", "voucher"),
        ("voucher.gift.balance_added", "voucher"),
        ("voucher.loyalty_card.points_added", "loyalty"),
        ("campaign.reward.assignment.created", "loyalty"),
        ("campaign.created", "campaign"),
        ("business_validation_rule.created", "campaign"),
    ],
)
def test_every_event_belongs_to_an_aggregate(event: str, aggregate: str) -> None:
    assert topics.aggregate_of(event) == aggregate
    assert aggregate in topics.AGGREGATES


def test_topics_are_named_by_their_templates() -> None:
    of_project = topics.event_topic(
        "promo.{project}.events.v1", project_id="proj_1", event_type="order.created"
    )
    of_aggregate = topics.event_topic(
        "promo.events.{aggregate}.v1", project_id="proj_1", event_type="order.created"
    )
    ingest = topics.ingest_topic(
        "{project}.ingest.{kind}.v1", project_id="proj_1", kind="orders"
    )

    assert of_project == "promo.proj_1.events.v1"
    assert of_aggregate == "promo.events.order.v1"
    assert ingest == "proj_1.ingest.orders.v1"
    assert topics.dead_letters_of(ingest) == "proj_1.ingest.orders.v1.dlq"
    assert topics.type_name("promo", "order.created") == "promo.order.created.v1"


@pytest.mark.parametrize(
    ("name", "fits"),
    [("promo.events-1_v1", True), ("", False), (".", False), ("a b", False)],
)
def test_kafka_takes_few_characters_in_topics(name: str, *, fits: bool) -> None:
    assert topics.is_topic(name) is fits
    assert not topics.is_topic("a" * 250)


@pytest.mark.parametrize(
    ("group", "event", "shown"),
    [
        ("v-0a1b", "ev_" + "7" * 32, "00-" + "0a1b".zfill(32) + "-" + "7" * 16 + "-00"),
        ("v-0", "ev_" + "7" * 32, ""),
        ("", "ev_" + "7" * 32, ""),
        ("v-1", "ev_1", ""),
    ],
)
def test_a_trace_is_made_of_the_request(group: str, event: str, shown: str) -> None:
    assert trace_parent(group, event) == shown


def test_what_is_empty_is_left_to_librdkafka_and_further_options_win() -> None:
    plain = Access(servers="a:1")
    signed = Access(
        servers="a:1",
        protocol="SASL_SSL",
        mechanism="PLAIN",
        username="me",
        password="secret",  # noqa: S106 - nobody's
        ca_file="ca.pem",
        more={"sasl.username": "you", "linger.ms": 5},
    )

    assert plain.options() == {
        "bootstrap.servers": "a:1",
        "security.protocol": "PLAINTEXT",
    }
    assert signed.options()["sasl.username"] == "you"
    assert signed.options()["ssl.ca.location"] == "ca.pem"
    produced = producer_options(signed, max_bytes=9_000)
    assert (produced["linger.ms"], produced["message.max.bytes"]) == (5, 9_000)
    assert produced["enable.idempotence"] is True


def test_what_delivery_rests_on_cannot_be_switched_off() -> None:
    access = Access(
        servers="a:1",
        more={"enable.idempotence": False, "enable.auto.commit": True},
    )

    assert producer_options(access, max_bytes=1)["enable.idempotence"] is True
    assert consumer_options(access, group="g")["enable.auto.commit"] is False
    assert consumer_options(access, group="g")["group.id"] == "g"
