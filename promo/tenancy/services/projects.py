"""Making and changing projects."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from promo.errors import InvalidPayload
from promo.tenancy import stamp
from promo.tenancy.models import KeyKind, Organisation, Project
from promo.tenancy.services.keys import IssuedKey, issue_key
from promo.tenancy.services.people import sync_roles

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class NewProject:
    """A fresh project with its first keys, whose secrets are shown this once."""

    project: Project
    server: IssuedKey
    client: IssuedKey
    management: IssuedKey

    def as_json(self) -> dict[str, str]:
        """Return ids and secrets by the names of the request headers."""
        return {
            "project_id": self.project.id,
            "app_id": str(self.server.key.app_id),
            "app_token": self.server.secret,
            "client_application_id": str(self.client.key.app_id),
            "client_token": self.client.secret,
            "management_id": str(self.management.key.app_id),
            "management_token": self.management.secret,
        }


def check_timezone(name: str) -> None:
    """Refuse a name that the time-zone database does not know.

    Raises:
        InvalidPayload: no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        details = "Property .timezone must be a name of the time-zone database"
        raise InvalidPayload(details) from unknown


def check_currency(code: str) -> None:
    """Refuse what is not three capital letters.

    Raises:
        InvalidPayload: not the form of an ISO 4217 code.
    """
    if not _CURRENCY.fullmatch(code):
        details = "Property .currency must be an ISO 4217 code"
        raise InvalidPayload(details)


@transaction.atomic
def create_project(
    *,
    name: str,
    now: datetime,
    organisation: Organisation | None = None,
    currency: str = "USD",
    timezone: str = "UTC",
    client_trusted_domains: tuple[str, ...] = (),
    **options: Any,
) -> NewProject:
    """Return a new project with a server, a client and a management key.

    Without an ``organisation`` the project gets one of its own.

    Raises:
        InvalidPayload: unknown time zone, or a currency of another form.
    """
    check_timezone(timezone)
    check_currency(currency)
    sync_roles()
    owner = organisation or Organisation.objects.create(name=name, created_at=now)
    project = Project.objects.create(
        organisation=owner,
        name=name,
        currency=currency,
        timezone=timezone,
        client_trusted_domains=list(client_trusted_domains),
        created_at=now,
        **options,
    )
    for seeder in settings.PROJECT_SEEDERS:
        import_string(seeder)(project, now=now)
    return NewProject(
        project=project,
        server=issue_key(kind=KeyKind.SERVER, project=project, now=now),
        client=issue_key(kind=KeyKind.CLIENT, project=project, now=now),
        management=issue_key(kind=KeyKind.MANAGEMENT, organisation=owner, now=now),
    )


@transaction.atomic
def update_project(project: Project, *, now: datetime, **values: Any) -> Project:
    """Change settings of a project.

    Raises:
        InvalidPayload: unknown time zone, a currency of another form, or the case
            sensitivity of codes, which is fixed at creation.
    """
    if values.get("case_sensitive_codes", project.case_sensitive_codes) != (
        project.case_sensitive_codes
    ):
        details = "Property .case_sensitive_codes can only be set at creation"
        raise InvalidPayload(details)
    if "timezone" in values:
        check_timezone(values["timezone"])
    if "currency" in values:
        check_currency(values["currency"])
    for name, value in values.items():
        setattr(project, name, value)
    project.updated_at = now
    project.save(update_fields=[*values, "updated_at"])
    stamp.touch_on_commit()
    return project
