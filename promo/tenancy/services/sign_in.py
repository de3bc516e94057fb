"""What keeps people out, or in: locks after failed sign-ins, second factors, sessions.

django-axes counts failed sign-ins by the address that was typed, in small letters.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Lower

from promo.errors import Forbidden
from promo.tenancy.models import Membership, User


def with_locks(rows: QuerySet[Membership], *, now: datetime) -> QuerySet[Membership]:
    """Return memberships with ``is_locked``: too many sign-ins of the person failed."""
    tried = AccessAttempt.objects.filter(username=Lower(OuterRef("user__email")))
    span = get_cool_off()
    if span is not None:
        tried = tried.filter(attempt_time__gt=now - span)
    summed = tried.order_by().values("username")
    summed = summed.annotate(failed=Sum("failures_since_start"))
    locked = summed.filter(failed__gte=settings.AXES_FAILURE_LIMIT)
    factors = Authenticator.objects.filter(user=OuterRef("user"))
    return rows.annotate(is_locked=Exists(locked), has_second_factor=Exists(factors))


@transaction.atomic
def unlock(membership: Membership) -> None:
    """Forget the failed sign-ins of a person, who may try again at once."""
    email = membership.user.email.lower()
    AccessAttempt.objects.filter(username=email).delete()


@transaction.atomic
def reset_second_factor(membership: Membership) -> None:
    """Take the second factor from somebody who has lost phone and recovery codes.

    Raises:
        Forbidden: the person is in other projects as well, or runs them all.
    """
    person = membership.user
    elsewhere = person.memberships.exclude(project=membership.project_id)
    if person.is_superuser or elsewhere.exists():
        raise Forbidden(
            message="This person works elsewhere too: ask who runs this installation"
        )
    Authenticator.objects.filter(user=person).delete()
    end_sessions(person)


def end_sessions(person: User) -> None:
    """Sign a person out everywhere."""
    for session in UserSession.objects.filter(user=person):
        session.end()
