"""Exports as the API shows them.

Source: data specification, "Exports", "Lifecycle".
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse
from django.http.response import HttpResponseBase

from promo.clock import isoformat
from promo.errors import ResourceNotFound
from redemptions.models import Export
from redemptions.services.export_files import open_file

Json = dict[str, Any]


def export_as_json(export: Export, *, host: str, now: datetime) -> Json:
    """Return an export; ``host`` is the address before the path of its file."""
    has_file = export.has_file(now)
    return {
        "id": export.pk,
        "object": "export",
        "created_at": isoformat(export.created_at),
        "status": export.status,
        "channel": export.channel,
        "exported_object": export.exported_object,
        "parameters": export.parameters,
        "result": {"url": download_address(export, host)} if has_file else None,
        "user_id": export.user_id,
    }


def download_address(export: Export, host: str) -> str:
    """Return where the file can be read by whoever has this address."""
    return f"{host}/v1/exports/{export.pk}?{urlencode({'token': export.token})}"


def file_response(
    export: Export, *, now: datetime, plain_text: bool = False
) -> HttpResponseBase:
    """Return the file as an answer; some clients read nothing but plain text.

    Raises:
        ResourceNotFound: there is no file any more, or none yet.
    """
    opened = open_file(export) if export.has_file(now) else None
    if opened is None:
        raise ResourceNotFound("export", export.pk)
    kind = "text/plain" if plain_text else "text/csv"
    response = FileResponse(
        opened,
        as_attachment=True,
        filename=f"{export.exported_object}-{export.created_at:%Y-%m-%d}.csv",
        content_type=f"{kind}; charset=utf-8",
    )
    response["Cache-Control"] = "no-store"
    return response
