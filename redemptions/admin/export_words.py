"""What is said about files: how far one is, and what stands in its columns."""

from typing import Any

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse

from promo.admin.visit import project_of, visit
from promo.metadata_schemas.known import known_schemas
from redemptions.exports.catalogue import Catalogue
from redemptions.exports.cells import label
from redemptions.exports.dictionary import meaning_of
from redemptions.exports.registry import CATALOGUES
from redemptions.exports.selection import METADATA
from redemptions.models import Export
from redemptions.models.export import ExportStatus
from redemptions.services.export_progress import rows_written

Json = dict[str, Any]


def progress_of(export: Export) -> Json | None:
    """Return what is said of a file that is not made yet; None once it is."""
    if export.finished_at is not None:
        return None
    address = reverse("admin:redemptions_export_progress", args=(quote(export.pk),))
    return {"address": address, "said": _progress_in_words(export)}


def _progress_in_words(export: Export) -> str:
    if export.status == ExportStatus.SCHEDULED:
        return "Waiting for a worker, which takes it up within half a minute."
    written = rows_written(export)
    if not written:
        return "Looking for the rows."
    return f"{written:,} row{pluralize(written)} written so far."


def dictionary_of(request: HttpRequest, wanted: str) -> Json:
    """Return the page of the columns of one kind of rows that this person may read.

    Raises:
        PermissionDenied: there is none.
    """
    seen = visit(request)
    kinds = [each for each in CATALOGUES.values() if seen.may(each.permission)]
    if not kinds:
        raise PermissionDenied
    shown = next((each for each in kinds if each.name == wanted), kinds[0])
    return {
        "title": "What stands in the columns",
        "kinds": [(each.name, each.label) for each in kinds],
        "shown": shown,
        "rows": _columns(request, shown),
    }


def _columns(request: HttpRequest, shown: Catalogue) -> list[Json]:
    rows = [
        {
            "title": label(name),
            "name": name,
            "meaning": meaning_of(shown.name, name),
            "is_usual": name in shown.defaults,
        }
        for name in shown.field_names
    ]
    if shown.metadata:
        rows += _own_fields(request, shown)
    return rows


def _own_fields(request: HttpRequest, shown: Catalogue) -> list[Json]:
    """Return a row for each field of its own that the project has defined."""
    schema = known_schemas(project_of(request)).schemas.get(shown.metadata)
    defined = schema.definitions.items() if schema else ()
    return [
        {
            "title": f"{METADATA}.{key}",
            "name": f"{METADATA}.{key}",
            "meaning": "A field of your own.",
            "is_usual": False,
        }
        for key, one in defined
        if not one.deleted
    ]
