"""The stacking rules of a project: one set of its own, or the defaults.

Source: platform specification, "Stacking rule fields".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.engine.stacking_settings import categories_named, changed_settings
from promo.errors import Conflict, ResourceNotFound
from promo.ids import new_id, parse_or_none
from promo.tenancy.models import Project
from promo.tenancy.services.projects import update_project
from promo.tenancy.stacking import DEFAULTS

RESOURCE = "stacking_rules"


@transaction.atomic
def create_stacking_rules(*, project: Project, now: datetime, **values: Any) -> Project:
    """Give the project rules of its own; what ``values`` leave out is the default.

    Raises:
        Conflict: it has some already.
        InvalidPayload: a value out of range, or two that exclude each other.
        ResourceNotFound: a category that does not exist.
    """
    held = hold_project(project)
    if held.stacking_rules_id:
        raise Conflict(
            "stacking_rules_exist",
            "Stacking rules exist",
            "Cannot exist more stacking rules for given project",
        )
    return _stored(held, DEFAULTS, values, now)


@transaction.atomic
def update_stacking_rules(
    *, project: Project, rules_id: str, now: datetime, **values: Any
) -> Project:
    """Change the rules that ``values`` name; arrays and maps are replaced whole.

    Raises:
        ResourceNotFound: the project's rules have another id, or a category that
            does not exist.
        InvalidPayload: a value out of range, or two that exclude each other.
    """
    held = check_id(hold_project(project), rules_id)
    return _stored(held, held.stacking, values, now)


@transaction.atomic
def put_stacking_rules(project: Project, *, now: datetime, **values: Any) -> Project:
    """Change the project's rules, which become its own where it had the defaults.

    Raises:
        InvalidPayload: a value out of range, or two that exclude each other.
        ResourceNotFound: a category that does not exist.
    """
    held = hold_project(project)
    return _stored(held, held.stacking, values, now)


@transaction.atomic
def delete_stacking_rules(*, project: Project, rules_id: str, now: datetime) -> None:
    """Take the project back to the defaults.

    Raises:
        ResourceNotFound: the project's rules have another id.
    """
    restore_defaults(check_id(hold_project(project), rules_id), now=now)


@transaction.atomic
def restore_defaults(project: Project, *, now: datetime) -> Project:
    """Take the project back to the defaults, whether it has rules of its own or not."""
    return update_project(
        hold_project(project),
        now=now,
        stacking_rules={},
        stacking_rules_id="",
        stacking_rules_created_at=None,
        stacking_rules_updated_at=None,
    )


def hold_project(project: Project) -> Project:
    """Return the project as it stands now, held until the transaction ends.

    Whoever deletes a category holds it too, so no rule can name one that is gone.
    """
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def check_id(project: Project, rules_id: str) -> Project:
    """Return the project if its own rules have this id.

    Raises:
        ResourceNotFound: they have not.
    """
    if not rules_id or project.stacking_rules_id != rules_id:
        raise ResourceNotFound(RESOURCE, rules_id)
    return project


def _stored(
    project: Project,
    current: Mapping[str, Any],
    values: Mapping[str, Any],
    now: datetime,
) -> Project:
    """Keep what differs from the defaults; the set has an id from the first time on."""
    settings = changed_settings(current, values, DEFAULTS)
    _check_categories(project, settings)
    identity: dict[str, Any] = {"stacking_rules_updated_at": now}
    if not project.stacking_rules_id:
        identity = {
            "stacking_rules_id": new_id("stk_"),
            "stacking_rules_created_at": now,
            "stacking_rules_updated_at": None,
        }
    kept = {k: v for k, v in settings.items() if v != DEFAULTS[k]}
    return update_project(project, now=now, stacking_rules=kept, **identity)


def _check_categories(project: Project, settings: Mapping[str, Any]) -> None:
    named = categories_named(settings)
    ids = [each for each in named if parse_or_none("cat_", each) is not None]
    found = set(project.categories.filter(pk__in=ids).values_list("pk", flat=True))
    for each in named:
        if each not in found:
            raise ResourceNotFound("category", each)
