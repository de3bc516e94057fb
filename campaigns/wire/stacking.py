"""A project's stacking rules as the management API shows them."""

from typing import Any

from campaigns.wire.limits import moment, without_nulls
from promo.tenancy.models import Project


def stacking_rules_as_json(project: Project) -> dict[str, Any]:
    """Return all settings; the defaults have no id and no dates.

    Source: platform specification, "Management API".
    """
    identity = {
        "id": project.stacking_rules_id or None,
        "created_at": moment(project.stacking_rules_created_at),
        "updated_at": moment(project.stacking_rules_updated_at),
    }
    return without_nulls(identity) | project.stacking
