"""Background work that did not come to an end."""

from datetime import datetime

from promo.jobs.models import ActionStatus, AsyncAction
from promo.tenancy.models import Project


def failed_since(project: Project, since: datetime) -> int:
    """Return how much work of a project, begun at ``since`` or later, has failed."""
    rows = AsyncAction.objects.filter(project=project, created_at__gte=since)
    return rows.whole().filter(status=ActionStatus.FAILED).count()
