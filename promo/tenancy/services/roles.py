"""Roles of a project's own: permissions that are ticked, some of them with approval."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from promo.errors import Duplicate, Forbidden, InvalidPayload, ResourceInUse
from promo.tenancy.models import CustomRole, Membership, Project
from promo.tenancy.permissions import ALL, LIMITABLE
from promo.tenancy.services.people import ANYTHING, Granter

MOST_APPROVERS = 5


@transaction.atomic
def create_role(
    *,
    project: Project,
    now: datetime,
    name: str,
    permissions: Collection[str],
    limited: Collection[str] = (),
    approvers: Sequence[Membership] = (),
    description: str = "",
    by: Granter = ANYTHING,
) -> CustomRole:
    """Return a new role of the project.

    Raises:
        InvalidPayload: a permission that there is not, or too many approvers.
        Forbidden: more than the granter holds.
        Duplicate: another role has this name.
    """
    held = _checked(permissions, limited, by)
    _check_approvers(project, approvers)
    role = CustomRole(
        project=project,
        name=name.strip(),
        description=description,
        permissions=sorted(held),
        limited=sorted(held & frozenset(limited)),
        created_at=now,
    )
    _store(role)
    role.approvers.set(approvers)
    return role


@transaction.atomic
def update_role(
    role: CustomRole,
    *,
    now: datetime,
    name: str | None = None,
    description: str | None = None,
    permissions: Collection[str] | None = None,
    limited: Collection[str] | None = None,
    approvers: Sequence[Membership] | None = None,
    by: Granter = ANYTHING,
) -> CustomRole:
    """Change a role, for everybody who has it at once.

    Raises:
        InvalidPayload: a permission that there is not, or too many approvers.
        Forbidden: more than the granter holds, before or after.
        Duplicate: another role has this name.
    """
    if not frozenset(role.permissions) <= by.permissions:
        raise Forbidden(message="This role may do more than you")
    wanted = role.permissions if permissions is None else permissions
    asks = role.limited if limited is None else limited
    held = _checked(wanted, asks, by)
    role.permissions = sorted(held)
    role.limited = sorted(held & frozenset(asks))
    role.name = role.name if name is None else name.strip()
    role.description = role.description if description is None else description
    role.updated_at = now
    if approvers is not None:
        _check_approvers(role.project, approvers)
    _store(role)
    if approvers is not None:
        role.approvers.set(approvers)
    return role


@transaction.atomic
def delete_role(role: CustomRole) -> None:
    """Delete a role that nobody has.

    Raises:
        ResourceInUse: somebody has it, or is invited with it.
    """
    held = CustomRole.objects.select_for_update().get(pk=role.pk)
    if held.memberships.exists() or held.invitations.exists():
        raise ResourceInUse("Give the people who have this role another one first")
    held.delete()


def _checked(
    permissions: Collection[str], limited: Collection[str], by: Granter
) -> frozenset[str]:
    held = frozenset(permissions)
    unknown = (held - ALL) | (frozenset(limited) - frozenset(LIMITABLE))
    if unknown:
        details = f"Property .permissions cannot hold {', '.join(sorted(unknown))}"
        raise InvalidPayload(details)
    if not held:
        raise InvalidPayload("Property .permissions must hold at least one")
    if not held <= by.permissions:
        details = "Property .permissions can hold nothing that you may not do"
        raise Forbidden(details, message="You cannot give this role")
    return held


def _check_approvers(project: Project, approvers: Sequence[Membership]) -> None:
    if len(approvers) > MOST_APPROVERS:
        details = f"Property .approvers can hold at most {MOST_APPROVERS} people"
        raise InvalidPayload(details)
    if any(each.project_id != project.pk for each in approvers):
        raise InvalidPayload("Property .approvers must be people of the project")
    if any("approvals.decide" not in each.permissions for each in approvers):
        details = "Property .approvers must be people who may decide on requests"
        raise InvalidPayload(details)


def _store(role: CustomRole) -> None:
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as taken:
        raise Duplicate("role", role.name, "name") from taken
