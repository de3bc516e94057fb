"""Finding entries of the log."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet

from promo.audit.kinds import models_by_table, resource_of
from promo.audit.models import ActorKind, Change
from promo.tenancy.models import Project, User

_KEY = re.compile(r"[0-9a-f]{32}$")
#: Keys that are no ids are numbers and words.
_OTHER = re.compile(r"\W")


def readable(project: Project, permissions: Collection[str]) -> QuerySet[Change]:
    """Return the project's changes of what holders of ``permissions`` may read."""
    hidden = [
        table
        for table in models_by_table()
        if resource_of(table) and f"{resource_of(table)}.read" not in permissions
    ]
    if "customers.details.read" not in permissions:
        hidden += ["customers_customer", "customers_consentchoice"]
    return Change.objects.filter(project=project).exclude(table__in=hidden)


def about(rows: QuerySet[Any], reference: str) -> QuerySet[Any]:
    """Return the changes of an object and of its parts; ``reference`` is its id."""
    found = _KEY.search(reference.strip().replace("-", ""))
    key = found.group() if found else _OTHER.sub("", reference)
    return rows.filter(Q(object_id=key) | Q(about_id=key))


def name_people(changes: Iterable[Change]) -> None:
    """Name the people whom long work went on for, with one statement if any."""
    unnamed = {
        one.actor_id
        for one in changes
        if one.actor_kind == ActorKind.PERSON and not one.actor_name
    }
    if not unnamed:
        return
    people = dict(User.objects.filter(pk__in=unnamed).values_list("pk", "email"))
    for one in changes:
        one.actor_name = one.actor_name or people.get(one.actor_id, "")
