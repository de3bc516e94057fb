"""What distributions name, asked before it goes."""

from promo.tenancy.models import Project
from webhooks.models import Distribution

_NAMES = ("segment_id", "left_segment_id", "entered_segment_id")


def naming_segment(project: Project, segment_id: str) -> tuple[str, list[str]]:
    """Return the distributions that name a segment, by what they are."""
    found: set[str] = set()
    rows = Distribution.objects.filter(project=project)
    for name in _NAMES:
        found |= set(rows.naming(name, segment_id).values_list("pk", flat=True))
    return "distribution", sorted(found)
