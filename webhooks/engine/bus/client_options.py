"""What librdkafka is told: where the brokers are, and how records go out and come in.

Source: integrations specification, "Producing" and "Subscribing".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Options = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How brokers are reached; what is empty is left to librdkafka.

    ``more`` are options of librdkafka by their own names, and win.
    """

    servers: str
    protocol: str = "PLAINTEXT"
    mechanism: str = ""
    username: str = ""
    password: str = ""
    ca_file: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def options(self) -> Options:
        """Return what every client is told."""
        told = {
            "bootstrap.servers": self.servers,
            "security.protocol": self.protocol,
            "sasl.mechanism": self.mechanism,
            "sasl.username": self.username,
            "sasl.password": self.password,
            "ssl.ca.location": self.ca_file,
        }
        return {name: value for name, value in told.items() if value} | dict(self.more)


def producer_options(access: Access, *, max_bytes: int) -> Options:
    """Return what a producer of records up to ``max_bytes`` is told.

    A record that cannot be stored ends the producer before later ones are: what
    follows it must not overtake it.
    """
    return {
        "compression.type": "zstd",
        "linger.ms": 20,
        "delivery.timeout.ms": 30_000,
        "client.id": "promo-relay",
    } | {
        **access.options(),
        "enable.idempotence": True,
        "enable.gapless.guarantee": True,
        "message.max.bytes": max_bytes,
        "topic.metadata.refresh.fast.interval.ms": 100,
        "reconnect.backoff.max.ms": 1_000,
    }


def consumer_options(access: Access, *, group: str) -> Options:
    """Return what a consumer of ``group`` is told; it commits by itself alone."""
    return {
        "client.id": "promo-ingest",
        "auto.offset.reset": "earliest",
    } | {
        **access.options(),
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "isolation.level": "read_committed",
        "partition.assignment.strategy": "cooperative-sticky",
        "reconnect.backoff.max.ms": 1_000,
    }
