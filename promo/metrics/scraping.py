"""What Prometheus is told: what all processes counted, and what the database holds."""

from collections.abc import Callable, Iterable, Iterator

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from promo.health.services import check_database
from promo.metrics.counts import REGISTRY

log = structlog.get_logger()
Reader = Callable[[], Iterable[Metric]]


class Everything(Collector):
    """All there is to tell at this moment."""

    def collect(self) -> Iterator[Metric]:
        """Return the counts, then the gauges."""
        if settings.METRICS_DIR:
            yield from MultiProcessCollector(None, settings.METRICS_DIR).collect()
        else:
            yield from REGISTRY.collect()
        yield from _stored()


def exposition(accept: str) -> tuple[bytes, str]:
    """Return body and content type, in the form that ``accept`` asks for."""
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry()
    registry.register(Everything())
    return encode(registry), content_type


def _stored() -> Iterator[Metric]:
    """Return what each reader finds; while the database is down the counts still go.

    Prometheus would not wait until the pool gives up, so the database is tried first.
    """
    is_there = check_database().passed
    read = GaugeMetricFamily(
        "promo_reader_up",
        "Whether the gauges that one reader takes from the database could be read",
        labels=["reader"],
    )
    for path in settings.METRIC_READERS:
        name = path.rpartition(".")[0]
        found = _found_by(import_string(path), name) if is_there else []
        read.add_metric([name], int(bool(found)))
        yield from found
    yield read


def _found_by(reader: Reader, name: str) -> list[Metric]:
    try:
        return list(reader())
    except DatabaseError as error:
        log.warning("gauges_not_read", reader=name, error=type(error).__name__)
        return []
