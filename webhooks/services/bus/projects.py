"""The project that records come in for."""

from django.conf import settings

from promo.ids import parse_or_none
from promo.tenancy.models import Project


def ingest_project(project_id: str = "") -> Project | None:
    """Return the project of an id, else the one that the settings name; or None."""
    asked = project_id or settings.KAFKA_INGEST_PROJECT
    if parse_or_none("proj_", asked) is None:
        return None
    return Project.objects.filter(pk=asked).first()
