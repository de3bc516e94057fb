"""The brokers that the settings name."""

import logging

from django.conf import settings

from webhooks.engine.bus.client_options import (
    Access,
    Options,
    consumer_options,
    producer_options,
)
from webhooks.engine.bus.cloud_event import MODES
from webhooks.engine.bus.topics import (
    INGEST_KINDS,
    event_topic,
    ingest_topic,
    is_topic,
)

#: librdkafka's own messages; a broker that is away is said by our own events.
LOGGER = logging.getLogger("promo.kafka")


def is_configured() -> bool:
    """Say whether this installation has an event bus."""
    return bool(settings.KAFKA_BOOTSTRAP_SERVERS)


def access() -> Access:
    """Return how the brokers are reached."""
    return Access(
        servers=settings.KAFKA_BOOTSTRAP_SERVERS,
        protocol=settings.KAFKA_SECURITY_PROTOCOL,
        mechanism=settings.KAFKA_SASL_MECHANISM,
        username=settings.KAFKA_SASL_USERNAME,
        password=settings.KAFKA_SASL_PASSWORD,
        ca_file=settings.KAFKA_CA_FILE,
        more=settings.KAFKA_CLIENT_OPTIONS,
    )


def for_producer() -> Options:
    """Return the options of a producer."""
    return producer_options(access(), max_bytes=settings.KAFKA_MAX_BYTES)


def for_consumer(group: str) -> Options:
    """Return the options of a consumer of ``group``."""
    return consumer_options(access(), group=group)


def ingest_topics(project_id: str) -> dict[str, str]:
    """Return the topics that a project's consumers read, and of which kind each is."""
    template = settings.KAFKA_INGEST_TOPIC
    return {
        ingest_topic(template, project_id=project_id, kind=kind): kind
        for kind in INGEST_KINDS
    }


def problem_of_settings() -> str:
    """Return what is wrong with the settings of the bus, empty for nothing."""
    if settings.KAFKA_EVENTS_MODE not in MODES:
        return f"KAFKA_EVENTS_MODE must be one of {', '.join(MODES)}."
    tried = event_topic(
        settings.KAFKA_EVENTS_TOPIC, project_id="proj_", event_type="customer.created"
    )
    if not is_topic(tried):
        return f"KAFKA_EVENTS_TOPIC makes {tried}, which is no name of a topic."
    read = ingest_topics("proj_")
    if len(read) < len(INGEST_KINDS) or not all(map(is_topic, read)):
        return "KAFKA_INGEST_TOPIC must name a topic for each {kind}."
    return ""
