"""What this process has counted."""

from prometheus_client.parser import text_string_to_metric_families

from promo.metrics.counts import REGISTRY


def counted(name: str, **labels: str) -> float:
    """Return a count of this process; 0 where nothing was counted."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def shown(text: str) -> dict[tuple[str, ...], float]:
    """Return the samples of an answer.

    The key is the name and the values of the labels, in the order of their names.
    """
    return {
        (sample.name, *(sample.labels[each] for each in sorted(sample.labels))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
