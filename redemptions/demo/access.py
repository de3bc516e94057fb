"""How one gets into the demo shop: a sign-in and keys, kept in the data folder."""

import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from promo.tenancy.models import ApiKey, KeyKind, Project, User
from promo.tenancy.permissions import ADMIN
from promo.tenancy.services.keys import delete_key, issue_key
from promo.tenancy.services.people import assign_role, create_person

EMAIL = "demo@promo.example"
_KEY_NAME = "Demo"
Access = Mapping[str, str]


def access_to(project: Project, *, now: datetime) -> Access:
    """Return e-mail, password and keys, the same at every start.

    They are made anew where the data folder has none that fit the database.
    """
    file = Path(settings.DATA_DIR, "demo-access.json")
    kept = _read(file)
    if kept is None or not _fits(kept, project):
        kept = _make(project, now)
        _write(file, kept)
    return kept


def _read(file: Path) -> Access | None:
    try:
        kept: Access = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return kept if {"app_id", "password"} <= kept.keys() else None


def _fits(kept: Access, project: Project) -> bool:
    keys = ApiKey.objects.filter(project=project, app_id=kept["app_id"])
    user = User.objects.filter(email=EMAIL).first()
    password = kept["password"]
    return keys.exists() and user is not None and user.check_password(password)


@transaction.atomic
def _make(project: Project, now: datetime) -> Access:
    password = secrets.token_urlsafe(9)
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        user = create_person(email=EMAIL, password=password)
    else:
        user.set_password(password)
        user.save(update_fields=["password"])
    assign_role(user=user, project=project, role=ADMIN)
    for lost in project.keys.filter(name=_KEY_NAME):
        delete_key(lost)
    server = issue_key(kind=KeyKind.SERVER, project=project, now=now, name=_KEY_NAME)
    client = issue_key(kind=KeyKind.CLIENT, project=project, now=now, name=_KEY_NAME)
    return {
        "email": EMAIL,
        "password": password,
        "project_id": project.pk,
        "app_id": str(server.key.app_id),
        "app_token": server.secret,
        "client_application_id": str(client.key.app_id),
        "client_token": client.secret,
    }


def _write(file: Path, access: Access) -> None:
    """Write the file so that only its owner can read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
    ) as out:
        json.dump(access, out, indent=2)


def as_card(access: Access, address: str) -> str:
    """Return what a newcomer needs, for the terminal."""
    return f"""
  Dashboard   {address}/admin/
  Sign in     {access["email"]}
  Password    {access["password"]}

  API         {address}/v1   (documentation: {address}/api/docs)
  Server key  X-App-Id: {access["app_id"]}
              X-App-Token: {access["app_token"]}
  Client key  X-Client-Application-Id: {access["client_application_id"]}
              X-Client-Token: {access["client_token"]}

  Try         curl {address}/v1/campaigns \\
                -H 'X-App-Id: {access["app_id"]}' \\
                -H 'X-App-Token: {access["app_token"]}'

  Stop        Ctrl-C
"""
