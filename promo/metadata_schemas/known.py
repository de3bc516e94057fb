"""The schemas of projects, remembered by their editions.

A project without any costs no statement, one with some only after a change. The
edition stands on the project, which comes with the caller's key; a change of a
project makes every process read its keys anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from promo.comparison import Kind
from promo.errors import MetadataRefused
from promo.metadata_schemas.engine.checking import check
from promo.metadata_schemas.engine.definitions import Schemas, declared_kinds
from promo.metadata_schemas.models import MetadataSchema
from promo.recent import Recent
from promo.tenancy.models import Project

CACHE_SIZE = 1_000
Kinds = Mapping[str, Mapping[str, Kind]]


@dataclass(frozen=True, slots=True)
class KnownSchemas:
    """The schemas of a project by resource, and the declared types of their paths."""

    schemas: Schemas = field(default_factory=dict)
    kinds: Kinds = field(default_factory=dict)


_NONE = KnownSchemas()


_cache: Recent[str, KnownSchemas] = Recent(CACHE_SIZE)


def known_schemas(project: Project) -> KnownSchemas:
    """Return the schemas of ``project``; one statement after a change, else none."""
    edition = project.metadata_schemas_edition
    if not edition:
        return _NONE
    return _cache.find([edition]).get(edition) or _load(project)


def checked_metadata(
    project: Project,
    resource: str,
    sent: Mapping[str, Any] | None,
    *,
    result: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the metadata ``sent`` for a ``resource`` as they are stored.

    ``result`` are its metadata after the write: the required keys must be there. A
    caller that writes nothing gives none.

    Raises:
        MetadataRefused: the project's schema forbids them.
    """
    known = known_schemas(project)
    schema = known.schemas.get(resource)
    if schema is None:
        return dict(sent or {})
    checked = check(sent or {}, schema, known.schemas, result=result)
    if checked.problems:
        raise MetadataRefused("; ".join(checked.problems))
    return checked.metadata


def changed_metadata(
    project: Project,
    resource: str,
    stored: Mapping[str, Any],
    sent: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the metadata of a ``resource`` after ``sent`` came in, to be stored.

    Top-level keys merge, a null stays a null; None empties the object.

    Raises:
        MetadataRefused: the project's schema forbids them.
    """
    before = {} if sent is None else stored
    result = {**before, **(sent or {})}
    return {**before, **checked_metadata(project, resource, sent, result=result)}


def _load(project: Project) -> KnownSchemas:
    """Read the schemas with the edition that they are, and remember them under it.

    Both come from one statement: an edition that has changed since the project was
    read never stands for the schemas of another.
    """
    rows = list(
        MetadataSchema.objects.filter(project=project.pk).select_related("project")
    )
    if not rows:
        return _NONE
    schemas = {row.related_object: row.schema for row in rows}
    kinds = {
        resource: declared_kinds(schema, schemas)
        for resource, schema in schemas.items()
    }
    loaded = KnownSchemas(schemas, kinds)
    _cache.keep({rows[0].project.metadata_schemas_edition: loaded})
    return loaded
