"""The secret that signs what a project's webhooks get, and changing it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from promo.tenancy import secrets
from promo.tenancy.models import Project
from webhooks.engine.signing import new_secret
from webhooks.models import SigningSecret

#: So long the secret before a change goes on making standard signatures.
OVERLAP = timedelta(hours=24)


def ensure_secret(project: Project, *, now: datetime) -> None:
    """Give a project its first secret, unless it has one."""
    if not project.signing_secrets.filter(expires_at=None).exists():
        SigningSecret.objects.bulk_create(
            [
                SigningSecret(
                    project=project, sealed=secrets.seal(new_secret()), created_at=now
                )
            ],
            ignore_conflicts=True,
        )


@transaction.atomic
def rotate_secret(project: Project, *, now: datetime) -> str:
    """Return a fresh secret, which signs from now on, retries included.

    The one before makes standard signatures beside it for ``OVERLAP``, older ones none.
    """
    # Held, so that two who change it do so one after the other.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    project.signing_secrets.exclude(expires_at=None).delete()
    project.signing_secrets.update(expires_at=now + OVERLAP)
    fresh = new_secret()
    SigningSecret.objects.create(
        project=project, sealed=secrets.seal(fresh), created_at=now
    )
    return fresh


def secret_of(project: Project, *, now: datetime) -> str:
    """Return the current secret of a project, made where it has none."""
    ensure_secret(project, now=now)
    current = project.signing_secrets.get(expires_at=None)
    return secrets.unseal(current.sealed)


def secrets_of(project_ids: Sequence[str], *, now: datetime) -> dict[str, list[str]]:
    """Return the valid secrets of each project, the newest first."""
    found: dict[str, list[str]] = {}
    rows = SigningSecret.objects.valid_at(now).filter(project__in=project_ids)
    for row in rows:
        found.setdefault(row.project_id, []).append(secrets.unseal(row.sealed))
    return found
