"""Creating, changing and deleting the categories of offers.

Source: campaigns specification, "Categories".
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns.models import Category
from campaigns.services.stacking_rules import hold_project
from promo.errors import Duplicate, ResourceInUse, ResourceNotFound
from promo.operations import Operations
from promo.tenancy.models import Project
from promo.tenancy.services.projects import update_project

RESOURCE = "category"


def create_category(
    *, project: Project, now: datetime, name: str, hierarchy: int
) -> Category:
    """Store a category; the lower ``hierarchy``, the earlier its offers apply.

    Raises:
        Duplicate: the name is taken.
    """
    try:
        with transaction.atomic():
            return Category.objects.create(
                project=project, name=name, hierarchy=hierarchy, created_at=now
            )
    except IntegrityError as taken:
        raise Duplicate(RESOURCE, name, by="name") from taken


def update_category(
    category: Category, *, now: datetime, name: str, hierarchy: int
) -> Category:
    """Rename and rank a category; both are always given.

    Raises:
        Duplicate: the name is taken.
        ResourceNotFound: it is gone.
    """
    rows = category.project.categories.filter(pk=category.pk)
    try:
        with transaction.atomic():
            changed = rows.update(name=name, hierarchy=hierarchy, updated_at=now)
    except IntegrityError as taken:
        raise Duplicate(RESOURCE, name, by="name") from taken
    if not changed:
        raise ResourceNotFound(RESOURCE, category.pk)
    return rows.get()


@transaction.atomic
def delete_category(
    category: Category, *, now: datetime, force: bool = False, unstack: bool = False
) -> None:
    """Delete a category and take it off campaigns, vouchers and tiers.

    With ``unstack`` it leaves the project's stacking rules as well. There is no
    bin, so ``force`` changes nothing.

    Raises:
        ResourceInUse: the stacking rules list it.
    """
    project = hold_project(category.project)
    kept = _stacking_without(project, category.pk)
    if kept and not unstack:
        raise ResourceInUse.by(
            [project.stacking_rules_id or project.pk],
            "stacking_rules",
            resource_type=RESOURCE,
            resource_id=category.pk,
        )
    if kept:
        rules = {**project.stacking_rules, **kept}
        update_project(project, now=now, stacking_rules=rules)
    category.delete()


def _stacking_without(project: Project, category_id: str) -> dict[str, Any]:
    """Return the stacking settings that name the category, as they are without it."""
    kept: dict[str, Any] = {}
    for name, value in project.stacking_rules.items():
        if "categor" not in name or category_id not in (value or ()):
            continue
        if isinstance(value, dict):
            kept[name] = {key: n for key, n in value.items() if key != category_id}
        else:
            kept[name] = [one for one in value if one != category_id]
    return kept


OPERATIONS: Operations[Category] = Operations(
    create=create_category, update=update_category, delete=delete_category
)
