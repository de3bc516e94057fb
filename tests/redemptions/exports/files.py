"""Exports made to their end, and what is in their files."""

import csv
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage

from promo.tenancy.models import Project
from redemptions.models import Export
from redemptions.services.export import Scope, create_export
from redemptions.services.export_run import run_export
from tests.factories.tenancy import NOW


def made(
    project: Project,
    exported_object: str,
    *,
    now: datetime = NOW,
    scope: Scope | None = None,
    **parameters: Any,
) -> Export:
    """Return a finished export of ``project``."""
    export = create_export(
        project=project,
        exported_object=exported_object,
        parameters=parameters,
        scope=scope,
        now=now,
    )
    assert run_export(export.pk, now=now) is False
    export.refresh_from_db()
    assert export.status == "DONE", export.failure
    return export


def content(export: Export) -> str:
    """Return the text of an export's file."""
    with default_storage.open(export.file_name, "rb") as opened:
        return opened.read().decode()


def table(project: Project, exported_object: str, **asked: Any) -> list[list[str]]:
    """Return the rows of a file as Python's csv reads them, the header first."""
    export = made(project, exported_object, **asked)
    rows = list(csv.reader(content(export).splitlines(keepends=True)))
    assert export.rows == len(rows) - 1
    return rows


def column(
    project: Project, exported_object: str, name: str, **asked: Any
) -> list[str]:
    """Return the cells of one field."""
    rows = table(project, exported_object, fields=[name], **asked)
    return [row[0] for row in rows[1:]]
