"""What a project's outbox holds."""

from promo.outbox.models import DomainEvent
from promo.tenancy.models import Project


def events_of(project: Project) -> list[str]:
    """Return the types of the project's events, oldest first."""
    rows = DomainEvent.objects.filter(project=project).order_by("pk")
    return list(rows.values_list("type", flat=True))
