"""What counts as a referral, looked up before it is stored.

Source: campaigns specification, "Referral programs".
"""

from typing import Any

from campaigns.engine.referrals import parse_referral_program
from customers.services.event_schema import RESOURCE
from promo.errors import ResourceNotFound
from promo.ids import parse_or_none
from promo.tenancy.models import Project

_SCHEMA_PREFIX = "ms_"


def read_referral_program(project: Project, sent: Any) -> dict[str, Any]:
    """Return the programme as stored, with ``id`` and ``name`` of its custom event.

    Where both are sent, the id decides.

    Raises:
        InvalidPayload: a field of another shape.
        BadRequest: ``invalid_campaign``; it says what this version cannot do.
        ResourceNotFound: the project does not define the event.
    """
    program = parse_referral_program(sent)
    if "custom_event" in program:
        program["custom_event"] = _defined(project, program["custom_event"])
    return program


def _defined(project: Project, named: dict[str, str]) -> dict[str, str]:
    rows = project.custom_event_schemas.order_by()
    if "id" not in named:
        found = rows.filter(name=named["name"]).first()
    elif parse_or_none(_SCHEMA_PREFIX, named["id"]):
        found = rows.filter(pk=named["id"]).first()
    else:
        found = None
    if found is None:
        raise ResourceNotFound(RESOURCE, named.get("id") or named["name"])
    return {"id": found.pk, "name": found.name}
