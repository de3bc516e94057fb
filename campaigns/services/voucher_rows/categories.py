"""The categories that rows name, found and made for many rows at once.

Source: campaigns specification, "CSV headers".
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import count

from django.db.models import Q

from campaigns.models import Category
from campaigns.services.own_category import LAST, LONGEST_NAME, next_hierarchy
from promo.errors import InvalidPayload, ResourceNotFound
from promo.ids import parse_or_none
from promo.tenancy.models import Project

_PREFIX = "cat_"

Known = dict[str, Category]


def known_categories(project: Project, references: Collection[str]) -> Known:
    """Return the categories behind names and ids, in one statement; the id wins."""
    if not references:
        return {}
    ids = [one for one in references if parse_or_none(_PREFIX, one) is not None]
    found = project.categories.filter(Q(name__in=references) | Q(pk__in=ids))
    categories = list(found)
    return {one.name: one for one in categories} | {one.pk: one for one in categories}


def check_category(reference: str, known: Known) -> None:
    """Refuse what neither is a category nor can be the name of a new one.

    Raises:
        ResourceNotFound: an id that is nobody's.
        InvalidPayload: a name of too many characters.
    """
    if reference in known:
        return
    if parse_or_none(_PREFIX, reference) is not None:
        raise ResourceNotFound("category", reference)
    if len(reference) > LONGEST_NAME:
        raise InvalidPayload(
            f"Property .category must have between 1 and {LONGEST_NAME} characters"
        )


def with_new_categories(
    project: Project, names: Iterable[str], known: Known, now: datetime
) -> Known:
    """Return ``known`` with a new, last category for each name that is not there.

    At most three statements. Others who make the same name are waited for, so names
    go in in their order.
    """
    missing = [name for name in dict.fromkeys(names) if name and name not in known]
    if not missing:
        return known
    places = count(next_hierarchy(project))
    fresh = [
        Category(project=project, name=name, hierarchy=min(place, LAST), created_at=now)
        for name, place in zip(missing, places, strict=False)
    ]
    fresh.sort(key=lambda one: one.name)
    Category.objects.bulk_create(fresh, ignore_conflicts=True)
    return known | {
        one.name: one for one in project.categories.filter(name__in=missing)
    }
