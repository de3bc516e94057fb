"""People and their roles."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from promo.errors import InvalidPayload, ResourceInUse
from promo.tenancy.models import Membership, Project, User
from promo.tenancy.permissions import BY_ROLE

ADMIN = "ADMIN"


def sync_roles() -> None:
    """Make sure that every role exists as a group."""
    Group.objects.bulk_create(
        [Group(name=name) for name in sorted(BY_ROLE)], ignore_conflicts=True
    )


@transaction.atomic
def create_person(
    *, email: str, password: str | None, is_superuser: bool = False
) -> User:
    """Return a new person who can sign in to the dashboard."""
    return User.objects.create_user(
        email, password, is_staff=True, is_superuser=is_superuser
    )


@transaction.atomic
def assign_role(*, user: User, project: Project, role: str) -> Membership:
    """Give a person a role in a project, in place of the one before."""
    sync_roles()
    membership, _ = Membership.objects.update_or_create(
        user=user, project=project, defaults={"role": Group.objects.get(name=role)}
    )
    return membership


@dataclass(frozen=True, slots=True)
class InvitedPerson:
    """Somebody with a role; ``password`` is set for a new person, shown once."""

    membership: Membership
    password: str | None


@transaction.atomic
def invite_person(*, email: str, project: Project, role: str) -> InvitedPerson:
    """Give the person behind ``email`` a role, creating the person where unknown.

    Raises:
        InvalidPayload: unknown role.
    """
    _check_role(role)
    user = User.objects.filter(email__iexact=email).first()
    password = None
    if user is None:
        password = secrets.token_urlsafe(12)
        user = create_person(email=email, password=password)
    membership = assign_role(user=user, project=project, role=role)
    return InvitedPerson(membership, password)


@transaction.atomic
def change_role(membership: Membership, *, role: str) -> Membership:
    """Give a member of the project another role.

    Raises:
        InvalidPayload: unknown role.
        ResourceInUse: nobody else could administer the project.
    """
    _check_role(role)
    if role != ADMIN:
        _check_other_admins(membership)
    return assign_role(user=membership.user, project=membership.project, role=role)


@transaction.atomic
def remove_role(membership: Membership) -> None:
    """Take a person out of the project; the person stays.

    Raises:
        ResourceInUse: nobody else could administer the project.
    """
    _check_other_admins(membership)
    membership.delete()


def _check_role(role: str) -> None:
    if role not in BY_ROLE:
        details = "Property .role must be one of: " + ", ".join(sorted(BY_ROLE))
        raise InvalidPayload(details)


def _check_other_admins(membership: Membership) -> None:
    # The project's row is the lock: two administrators cannot remove each other
    # at once and leave nobody.
    project = Project.objects.select_for_update().get(pk=membership.project_id)
    admins = project.memberships.filter(role__name=ADMIN)
    if not admins.exclude(pk=membership.pk).exists():
        raise ResourceInUse("The project needs at least one administrator")
