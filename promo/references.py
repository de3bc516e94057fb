"""Whether anything in the database refers to a row."""

from collections.abc import Collection

from django.db.models import Exists, Model, OuterRef, Q


def is_referred_to(model: type[Model], *, without: Collection[str] = ()) -> Q:
    """Return the condition that some row of another table refers to one of ``model``.

    ``without`` names models that do not count, as ``app.Model``. Whatever is added
    later counts by itself.
    """
    found = Q(pk__in=[])
    for relation in model._meta.related_objects:
        other = relation.related_model
        if other._meta.label in without:
            continue
        named = {relation.field.name: OuterRef("pk")}
        rows = other._base_manager.filter(**named)  # noqa: SLF001 - of all rows
        found |= Q(Exists(rows))
    return found
