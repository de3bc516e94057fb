"""The rules assigned to things, as the API shows them."""

from collections.abc import Sequence
from typing import Any

from campaigns.wire import assignment_as_json
from promo.tenancy.models import Project

Json = dict[str, Any]


def rendered_assignments(
    project: Project, related_ids: Sequence[str]
) -> dict[str, list[Json]]:
    """Return the rendered assignments of many objects by shown id, in one query."""
    found: dict[str, list[Json]] = {related_id: [] for related_id in related_ids}
    if found:
        rows = project.validation_rule_assignments.of_any(found)
        for assignment in rows.order_by("created_at", "id"):
            found[assignment.related_object_id].append(assignment_as_json(assignment))
    return found
