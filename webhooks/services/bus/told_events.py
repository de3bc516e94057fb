"""Reading stored events as the bus tells them.

PostgreSQL writes the data, so that no payload is parsed and written again on its way to
the brokers: that would take longer than all the rest.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from promo.ids import show
from promo.outbox.catalogue import event_types
from promo.outbox.models import LIFTED
from promo.sql_arrays import texts, uuids
from webhooks.wire.bus import ToldEvent, bus_events

# As ``DomainEvent.data`` and ``webhooks.wire.envelope.data_of`` do it: keys that the
# catalogue promises and nobody gave are null, parts that are lifted stand beside the
# object that has them, and what the payload says itself wins.
_EVENTS = f"""
SELECT e.id, e.project_id, e.type, e.entity_id, e.group_id, e.key, e.created_at,
  (coalesce(n.nulls, '{{}}') || CASE WHEN e.payload ? '{LIFTED}' THEN (
     SELECT coalesce(jsonb_object_agg(p.name, e.payload->l.name->p.name), '{{}}')
     FROM jsonb_each(e.payload->'{LIFTED}') l (name, parts),
          jsonb_array_elements_text(l.parts) p (name)
   ) || (e.payload - '{LIFTED}') ELSE e.payload END)::text
FROM outbox_domainevent e
LEFT JOIN (SELECT u.type, u.nulls::jsonb FROM unnest(%s::text[], %s::text[])
           AS u (type, nulls)) n ON n.type = e.type
WHERE e.id = ANY(%s::uuid[]) AND e.created_at BETWEEN %s AND %s
"""  # noqa: S608 - a constant of our own


def told_events(
    ids: Sequence[UUID], since: datetime, until: datetime
) -> dict[UUID, ToldEvent]:
    """Return the events of ``ids`` that are kept still, by id; one statement.

    All of them were recorded between two moments, both included.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [*_nulls(), uuids(ids), since, until])
        return {row[0]: _told(*row) for row in cursor.fetchall()}


def _told(pk: UUID, project: UUID, *rest: Any) -> ToldEvent:
    kind, entity, group, key, created_at, data = rest
    return ToldEvent(
        id=show("ev_", pk),
        project_id=show("proj_", project),
        type=kind,
        entity_id=entity,
        group_id=group,
        key=key,
        created_at=created_at,
        data=data,
    )


@cache
def _nulls() -> tuple[str, str]:
    """Return types, and of each the keys that may be missing, as null."""
    types = event_types()
    found = {
        name: {key.name: None for key in types[name].data if key.nullable}
        for name in sorted(bus_events())
    }
    return texts(found), texts(map(json.dumps, found.values()))
