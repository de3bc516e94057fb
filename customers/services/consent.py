"""Keeping consents and their groups, and what customers choose.

Source: data specification, "Consents, double opt-in, preference centre".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction

from customers.models import Consent, ConsentGroup, Customer
from customers.models.consent import CONSENT_PREFIX
from customers.models.customer import ID_PREFIX
from customers.services.customer import lock_alive
from promo import request_context, sql_arrays
from promo.errors import Duplicate, ResourceNotFound
from promo.ids import parse, parse_or_none
from promo.operations import Operations
from promo.tenancy.models import Project

M = TypeVar("M", Consent, ConsentGroup)
RESOURCE, GROUP = "consent", "consent_group"

# Held against their deletion, and by nobody against others who choose.
_HOLD = """
SELECT id FROM customers_consent
WHERE project_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR KEY SHARE
"""
_CHOOSE = """
INSERT INTO customers_consentchoice AS c
  (customer_id, consent_id, given, channel, changed_at)
SELECT %s, said.id, said.given, %s, %s
FROM unnest(%s::uuid[], %s::boolean[]) AS said (id, given) ORDER BY said.id
ON CONFLICT (consent_id, customer_id) DO UPDATE SET
  given = excluded.given, channel = excluded.channel, changed_at = excluded.changed_at
WHERE c.given <> excluded.given
"""


def create_consent(*, project: Project, now: datetime, **values: Any) -> Consent:
    """Store a consent; ``values`` are its name, description, category and group.

    Raises:
        Duplicate: another one of the project has the name.
    """
    return _store(Consent(project=project, created_at=now, **values), RESOURCE)


def create_group(*, project: Project, now: datetime, **values: Any) -> ConsentGroup:
    """Store a group; ``values`` are its name and description.

    Raises:
        Duplicate: another one of the project has the name.
    """
    return _store(ConsentGroup(project=project, created_at=now, **values), GROUP)


def update_consent(consent: Consent, *, now: datetime, **values: Any) -> Consent:
    """Change a consent; what customers have chosen stays.

    Raises:
        Duplicate: another one of the project has the name.
    """
    return _change(consent, RESOURCE, now, values)


def update_group(group: ConsentGroup, *, now: datetime, **values: Any) -> ConsentGroup:
    """Change the name or the description of a group.

    Raises:
        Duplicate: another one of the project has the name.
    """
    return _change(group, GROUP, now, values)


def delete_consent(consent: Consent, *, now: datetime, force: bool = False) -> None:
    """Delete a consent with what customers have chosen. There is no bin."""
    consent.delete()


def delete_group(group: ConsentGroup, *, now: datetime, force: bool = False) -> None:
    """Delete a group; its consents stay without one. There is no bin."""
    group.delete()


@transaction.atomic
def choose_consents(
    customer: Customer,
    choices: Mapping[str, bool],
    *,
    now: datetime,
    channel: str = "",
) -> None:
    """Keep what a customer says of consents, by id; of others nothing changes.

    ``channel`` is where it was said, that of the request unless given. A choice that
    says what it said before keeps its moment.

    Raises:
        ResourceNotFound: the project has no such consent, or the customer is deleted
            meanwhile; nothing is kept.
    """
    project = customer.project
    keys = {text: parse_or_none(CONSENT_PREFIX, text) for text in choices}
    stored = lock_alive(customer)
    with connection.cursor() as cursor:
        wanted = [key for key in keys.values() if key]
        cursor.execute(_HOLD, [parse("proj_", project.pk), sql_arrays.uuids(wanted)])
        known = {key for (key,) in cursor.fetchall()}
        for text, key in keys.items():
            if key not in known:
                raise ResourceNotFound(RESOURCE, text)
        where = channel or request_context.current().channel
        said = [choices[text] for text in keys]
        person = parse(ID_PREFIX, stored.pk)
        ids = sql_arrays.uuids(wanted)
        cursor.execute(_CHOOSE, [person, where, now, ids, said])


def choices_of(customer: Customer) -> dict[str, bool]:
    """Return what a customer said of consents, by id; one statement."""
    return dict(customer.consent_choices.values_list("consent_id", "given"))


def _store(fresh: M, kind: str) -> M:
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError as taken:
        raise Duplicate(kind, fresh.name, by="name") from taken
    return fresh


def _change(stored: M, kind: str, now: datetime, values: Mapping[str, Any]) -> M:
    for name, value in values.items():
        setattr(stored, name, value)
    stored.updated_at = now
    try:
        with transaction.atomic():
            stored.save(update_fields=[*values, "updated_at"])
    except IntegrityError as taken:
        raise Duplicate(kind, stored.name, by="name") from taken
    return stored


OPERATIONS: Operations[Consent] = Operations(
    create=create_consent, update=update_consent, delete=delete_consent
)
GROUP_OPERATIONS: Operations[ConsentGroup] = Operations(
    create=create_group, update=update_group, delete=delete_group
)
