"""People and their roles."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from promo.errors import Forbidden, InvalidPayload, ResourceInUse
from promo.ids import parse_or_none
from promo.tenancy.models import CustomRole, Membership, Project, User
from promo.tenancy.models.people import HoldsRole
from promo.tenancy.permissions import ADMIN, ALL, BY_PERSON_ROLE, CUSTOM, OWNER
from promo.tenancy.services.sign_in import end_sessions

_ADMINISTERS = (OWNER, ADMIN)


@dataclass(frozen=True, slots=True)
class Granter:
    """Who gives or takes a role: nobody gives more than they hold themselves.

    ``permissions`` are those that need no approval.
    """

    permissions: frozenset[str] = ALL
    is_owner: bool = True


#: The machine itself: commands and tests.
ANYTHING = Granter()


def sync_roles() -> None:
    """Make sure that every role exists as a group."""
    names = sorted({*BY_PERSON_ROLE, CUSTOM})
    Group.objects.bulk_create(
        [Group(name=name) for name in names], ignore_conflicts=True
    )


@transaction.atomic
def create_person(
    *, email: str, password: str | None, is_superuser: bool = False, **names: str
) -> User:
    """Return a new person who can sign in to the dashboard."""
    return User.objects.create_user(
        email, password, is_staff=True, is_superuser=is_superuser, **names
    )


@transaction.atomic
def assign_role(*, user: User, project: Project, role: str) -> Membership:
    """Give a person a role in a project, in place of the one before.

    ``role`` is a name, or the id of a role of the project's own.

    Raises:
        InvalidPayload: unknown role.
    """
    sync_roles()
    group, custom = find_role(project, role)
    membership, _ = Membership.objects.update_or_create(
        user=user, project=project, defaults={"role": group, "custom_role": custom}
    )
    return membership


@transaction.atomic
def change_role(
    membership: Membership, *, role: str, by: Granter = ANYTHING
) -> Membership:
    """Give a member of the project another role.

    Raises:
        InvalidPayload: unknown role.
        Forbidden: the old or the new role holds more than the granter.
        ResourceInUse: nobody else could administer the project.
    """
    check_may_grant(membership.project, role, by)
    _check_may_take(membership, by)
    if role not in _ADMINISTERS:
        _check_other_admins(membership)
    return assign_role(user=membership.user, project=membership.project, role=role)


@transaction.atomic
def remove_role(membership: Membership, *, by: Granter = ANYTHING) -> None:
    """Take a person out of the project and sign them out; the person stays.

    Raises:
        Forbidden: the role holds more than the granter.
        ResourceInUse: nobody else could administer the project.
    """
    _check_may_take(membership, by)
    _check_other_admins(membership)
    end_sessions(membership.user)
    membership.delete()


def find_role(project: Project, role: str) -> tuple[Group, CustomRole | None]:
    """Return the group of a role, with the project's own role where it is one.

    Raises:
        InvalidPayload: unknown role.
    """
    if role in BY_PERSON_ROLE:
        return Group.objects.get_or_create(name=role)[0], None
    if parse_or_none("role_", role) is not None:
        own = project.custom_roles.filter(pk=role).first()
        if own is not None:
            return Group.objects.get_or_create(name=CUSTOM)[0], own
    details = "Property .role must be one of: " + ", ".join(sorted(BY_PERSON_ROLE))
    raise InvalidPayload(details)


def check_may_grant(project: Project, role: str, by: Granter) -> None:
    """Refuse to give a role that may do more than who gives it.

    Only an owner makes owners, and while there is none an administrator.

    Raises:
        InvalidPayload: unknown role.
        Forbidden: the role holds more than the granter.
    """
    _, custom = find_role(project, role)
    held = BY_PERSON_ROLE.get(role) or frozenset(custom.permissions if custom else ())
    if not held <= by.permissions:
        details = "Property .role must be one that may do no more than yours"
        raise Forbidden(details, message="You cannot give this role")
    owners = project.memberships.filter(role__name=OWNER)
    if role == OWNER and not by.is_owner and owners.exists():
        details = "Property .role can only be Owner where an owner says so"
        raise Forbidden(details, message="You cannot give this role")


def _check_may_take(held: HoldsRole, by: Granter) -> None:
    if held.role.name == OWNER and not by.is_owner:
        raise Forbidden(message="Only an owner can change what an owner may do")
    if not held.permissions <= by.permissions:
        raise Forbidden(message="This person may do more than you")


def _check_other_admins(membership: Membership) -> None:
    # The project's row is the lock: two administrators cannot remove each other
    # at once and leave nobody.
    project = Project.objects.select_for_update().get(pk=membership.project_id)
    admins = project.memberships.filter(role__name__in=_ADMINISTERS)
    if not admins.exclude(pk=membership.pk).exists():
        raise ResourceInUse("The project needs at least one administrator")
