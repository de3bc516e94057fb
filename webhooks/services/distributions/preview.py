"""What a customer would get of a distribution that is being designed.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from promo.tenancy.models import Project
from webhooks.models import Distribution
from webhooks.services.distributions.definitions import (
    PARTS,
    read_channels,
    read_definition,
)
from webhooks.services.distributions.previewing import Preview, preview


@transaction.atomic
def preview_design(
    *,
    project: Project,
    kind: str,
    parts: Mapping[str, Any],
    customer: str,
    now: datetime,
) -> Preview | None:
    """Return what the customer behind a reference would get; without one, the newest.

    None where the project has no customer yet. Nothing is written, and no code given.

    Raises:
        InvalidPayload: a part that does not fit, by its path.
        ResourceNotFound: it names something that the project does not have, or there
            is no such customer.
    """
    designed = {name: parts.get(name) for name in PARTS}
    read = read_definition(project, kind, designed)
    channels = read_channels(project, parts.get("channels"), read)
    kept = asdict(read)
    about = Distribution(
        project=project,
        kind=kind,
        channels=channels,
        trigger_type=read.trigger_type,
        created_at=now,
        **{name: kept[name] for name in PARTS},
    )
    newest = project.customers.alive().order_by("-created_at", "-pk")
    reference = customer or newest.values_list("pk", flat=True).first()
    return preview(about, reference, now=now) if reference else None
