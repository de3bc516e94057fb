"""Issuing, rotating, blocking and deleting keys."""

import ipaddress
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from promo.errors import BadRequest, InvalidPayload
from promo.tenancy import secrets, stamp
from promo.tenancy.access_scope import Place
from promo.tenancy.models import ApiKey, Integration, KeyKind, Organisation, Project
from promo.tenancy.permissions import BY_KEY_ROLE, RESTRICTED
from promo.tenancy.services.places import put_places

MANAGEMENT_KEY_LIMIT = 5
LONGEST_OVERLAP = timedelta(days=30)
_ROTATED = (
    *("salt", "secret_hash", "last_four", "sealed_secret", "rotated_at"),
    *("former_salt", "former_hash", "former_until"),
)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key and its secret, which cannot be read again."""

    key: ApiKey
    secret: str


def _check_networks(networks: Sequence[str]) -> None:
    for index, network in enumerate(networks):
        try:
            ipaddress.ip_network(network)
        except ValueError as wrong:
            details = f"Property .allowed_networks[{index}] must be a CIDR network"
            raise InvalidPayload(details) from wrong


def _check_role(role: str) -> None:
    if role not in BY_KEY_ROLE:
        details = "Property .role must be one of: " + ", ".join(sorted(BY_KEY_ROLE))
        raise InvalidPayload(details)


def _check_integration(integration: str, kind: KeyKind) -> None:
    if integration and kind != KeyKind.SERVER:
        details = f"Property .integration must be empty for a {kind} key"
        raise InvalidPayload(details)
    if integration and integration not in Integration.values:
        allowed = ", ".join(Integration.values)
        raise InvalidPayload(f"Property .integration must be one of: {allowed}")


@transaction.atomic
def issue_key(
    *,
    kind: KeyKind,
    now: datetime,
    project: Project | None = None,
    organisation: Organisation | None = None,
    name: str = "",
    role: str = "ADMIN",
    allowed_networks: Sequence[str] = (),
    places: Collection[Place] = (),
    integration: str = "",
) -> IssuedKey:
    """Return a new key pair of a project, or of an organisation (management).

    ``places`` are what a key of the restricted role reaches, ``integration`` is the
    platform that a server key is for.

    Raises:
        InvalidPayload: unknown role or platform, something that is no network, or too
            many places.
        ResourceNotFound: the project has no such area or store.
        BadRequest: the organisation has five management keys already.
    """
    _check_networks(allowed_networks)
    _check_role(role)
    _check_integration(integration, kind)
    owner = project.organisation if project else organisation
    if owner is None:
        msg = "a key belongs to a project or an organisation"
        raise ValueError(msg)
    if kind == KeyKind.MANAGEMENT:
        _check_management_keys(owner)
    secret = secrets.new_secret()
    key = ApiKey(
        kind=kind,
        organisation=owner,
        project=project,
        name=name,
        role=role,
        integration=integration,
        app_id=uuid.uuid4(),
        allowed_networks=list(allowed_networks),
        created_at=now,
    )
    _set_secret(key, secret)
    key.save()
    if places:
        assign_places(key, places, now=now)
    stamp.touch_on_commit()
    return IssuedKey(key, secret)


@transaction.atomic
def assign_places(key: ApiKey, places: Collection[Place], *, now: datetime) -> None:
    """Let a restricted key reach ``places``, and nothing else.

    Raises:
        InvalidPayload: the key is not restricted, or the places are too many.
        ResourceNotFound: the project has no such area or store.
    """
    if key.role != RESTRICTED or key.project is None:
        raise InvalidPayload(f"Property .role must be {RESTRICTED} to have places")
    put_places(key.project, key.assignments, places, now=now)
    stamp.touch_on_commit()


def _check_management_keys(owner: Organisation) -> None:
    # The organisation's row is the lock: two keys made at once cannot both be
    # the fifth.
    Organisation.objects.select_for_update().get(pk=owner.pk)
    if owner.keys.filter(kind=KeyKind.MANAGEMENT).count() >= MANAGEMENT_KEY_LIMIT:
        raise BadRequest(
            "limit_exceeded",
            "Limit exceeded",
            f"An organisation has at most {MANAGEMENT_KEY_LIMIT} management keys",
        )


def _set_secret(key: ApiKey, secret: str) -> None:
    key.salt = secrets.new_salt()
    key.secret_hash = secrets.digest(secret, key.salt)
    key.last_four = secret[-4:]
    shown_again = key.project is not None and key.project.is_sandbox
    key.sealed_secret = secrets.seal(secret) if shown_again else ""


@transaction.atomic
def rotate_key(
    key: ApiKey, *, now: datetime, overlap: timedelta = timedelta()
) -> IssuedKey:
    """Give the key a new secret; the old one works for ``overlap`` more.

    Of three secrets the first dies at once, whatever was promised before.

    Raises:
        InvalidPayload: ``overlap`` is negative, or longer than 30 days.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise InvalidPayload("Property .overlap must be between 0 and 30 days")
    held = ApiKey.objects.select_for_update().get(pk=key.pk)
    secret = secrets.new_secret()
    key.former_salt = held.salt if overlap else ""
    key.former_hash = held.secret_hash if overlap else ""
    key.former_until = now + overlap if overlap else None
    _set_secret(key, secret)
    key.rotated_at = now
    key.save(update_fields=_ROTATED)
    stamp.touch_on_commit()
    return IssuedKey(key, secret)


@transaction.atomic
def block_key(key: ApiKey, *, now: datetime) -> ApiKey:
    """Let nobody in with this key until it is unblocked."""
    return _set_blocked(key, now)


@transaction.atomic
def unblock_key(key: ApiKey) -> ApiKey:
    """Let the key in again."""
    return _set_blocked(key, None)


def _set_blocked(key: ApiKey, moment: datetime | None) -> ApiKey:
    key.blocked_at = moment
    key.save(update_fields=["blocked_at"])
    stamp.touch_on_commit()
    return key


@transaction.atomic
def delete_key(key: ApiKey) -> None:
    """Remove the key for good."""
    key.delete()
    stamp.touch_on_commit()
