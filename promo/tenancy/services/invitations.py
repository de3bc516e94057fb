"""Inviting people by e-mail: a link of limited life lets them in."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from promo.errors import Conflict, Duplicate, InvalidPayload
from promo.ids import parse_or_none
from promo.tenancy.models import Invitation, Project, User
from promo.tenancy.services.letters import write_letters
from promo.tenancy.services.people import (
    ANYTHING,
    Granter,
    assign_role,
    check_may_grant,
    create_person,
    find_role,
)

_SALT = "promo.invitation"
_SUBJECT = "{project}: you are invited to Promo"
_TEXT = """{inviter} invites you to work on {project} with Promo, as {role}.

Open this link to accept; it works for {days} days:
{address}

If you do not know what this is about, do nothing.
"""


@transaction.atomic
def invite_person(
    *,
    project: Project,
    email: str,
    role: str,
    now: datetime,
    invited_by: User | None = None,
    by: Granter = ANYTHING,
) -> Invitation:
    """Ask somebody into the project; the letter with the link goes out soon.

    Raises:
        InvalidPayload: unknown role.
        Forbidden: the role holds more than the granter.
        Duplicate: the person is in the project, or invited already.
    """
    check_may_grant(project, role, by)
    address = User.objects.normalize_email(email.strip())
    # The project's row is the lock: two invitations at once become one.
    Project.objects.select_for_update().get(pk=project.pk)
    if project.memberships.filter(user__email__iexact=address).exists():
        raise Duplicate("person", address, "e-mail")
    if project.invitations.filter(email__iexact=address).exists():
        raise Duplicate("invitation", address, "e-mail")
    group, custom = find_role(project, role)
    invitation = Invitation.objects.create(
        project=project,
        email=address,
        role=group,
        custom_role=custom,
        invited_by=invited_by,
        created_at=now,
        expires_at=now + _life(),
    )
    _write(invitation, now)
    return invitation


@transaction.atomic
def resend_invitation(invitation: Invitation, *, now: datetime) -> Invitation:
    """Send another link, which lives from now; those before are void."""
    held = Invitation.objects.select_for_update().get(pk=invitation.pk)
    held.round += 1
    held.expires_at = now + _life()
    held.save(update_fields=["round", "expires_at"])
    _write(held, now)
    return held


@transaction.atomic
def withdraw_invitation(invitation: Invitation) -> None:
    """Take an invitation back: its link leads nowhere any more."""
    invitation.delete()


def link_of(invitation: Invitation) -> str:
    """Return the address that accepts the invitation, from outside."""
    token = signing.dumps([invitation.pk, invitation.round], salt=_SALT)
    return f"{settings.PUBLIC_URL}{reverse('join', args=[token])}"


def find_invitation(token: str, *, now: datetime) -> Invitation | None:
    """Return the invitation behind a link; None where it is void or too old."""
    try:
        pk, number = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if parse_or_none("inv_", pk) is None:
        return None
    rows = Invitation.objects.select_related("project", "role", "custom_role")
    return rows.filter(pk=pk, round=number, expires_at__gt=now).first()


@transaction.atomic
def accept_invitation(
    token: str,
    *,
    now: datetime,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
) -> User:
    """Let the invited in, and return them; somebody new gets the password given.

    Who is known keeps password and name.

    Raises:
        Conflict: the link is void or too old.
        InvalidPayload: the password is missing or too weak.
    """
    found = find_invitation(token, now=now)
    rows = Invitation.objects.select_for_update()
    held = rows.filter(pk=found.pk, round=found.round).first() if found else None
    if found is None or held is None:
        raise Conflict("invitation_void", "This invitation does not work any more")
    user = User.objects.filter(email__iexact=found.email).first()
    if user is None:
        _check_password(found.email, password, first_name, last_name)
        user = create_person(
            email=found.email,
            password=password,
            first_name=first_name,
            last_name=last_name,
        )
    assign_role(user=user, project=found.project, role=found.role_key)
    held.delete()
    return user


def _check_password(email: str, password: str | None, first: str, last: str) -> None:
    if not password:
        raise InvalidPayload("Property .password must be set")
    try:
        person = User(email=email, first_name=first, last_name=last)
        validate_password(password, person)
    except ValidationError as weak:
        raise InvalidPayload(f"Property .password: {' '.join(weak.messages)}") from weak


def _life() -> timedelta:
    return timedelta(days=settings.INVITATION_DAYS)


def _write(invitation: Invitation, now: datetime) -> None:
    inviter = invitation.invited_by
    text = _TEXT.format(
        inviter=(inviter and (inviter.get_full_name() or inviter.email)) or "The team",
        project=invitation.project.name,
        role=invitation.role_title.lower(),
        days=settings.INVITATION_DAYS,
        address=link_of(invitation),
    )
    subject = _SUBJECT.format(project=invitation.project.name)
    write_letters([invitation.email], subject=subject, text=text, now=now)
