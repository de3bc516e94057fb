"""People and their roles."""

from django.contrib.auth.models import Group
from django.db import transaction

from promo.tenancy.models import Membership, Project, User
from promo.tenancy.permissions import BY_ROLE


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
