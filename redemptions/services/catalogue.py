"""What the catalogue knows of the lines of an order."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.services.catalogue_lookup import (
    KnownCatalogue,
    find_items,
    load_collections,
)
from promo.tenancy.models import Project
from redemptions.engine.facts import AssignedRules
from redemptions.engine.rules import collections_of
from redemptions.services.order_lines import KnownItems, references_of
from redemptions.services.unit_facts import unit_references


def known_items(
    project: Project,
    items: Sequence[Mapping[str, Any]],
    rules: Sequence[AssignedRules],
    *,
    now: datetime,
    unit_types: Collection[str] = (),
    read: KnownCatalogue | None = None,
) -> KnownItems:
    """Return the products and SKUs that lines and UNIT discounts name.

    With them come the collections of the rules and of the discounts. ``read`` is what
    the lines name, where somebody has read it.

    At most five statements: SKUs with their products, products, collections with
    the members in question, and where filters ask for them SKUs of products and the
    shapes of locations.
    """
    units = unit_references(unit_types)
    named = references_of(items) | units
    if read is None:
        known = find_items(project, sorted(named.products), sorted(named.skus))
    else:
        known = read | find_items(
            project,
            sorted(units.products - read.products.keys()),
            sorted(units.skus - read.skus.keys()),
        )
    collections = load_collections(
        project,
        sorted(collections_of(rules) | named.collections),
        {product.pk for product in known.products.values()},
        {sku.pk for sku in known.skus.values()},
        now=now,
        with_whole=any(_includes_all(each) for each in rules),
    )
    return KnownItems(known.products, known.skus, collections)


def _includes_all(rule: AssignedRules) -> bool:
    return rule.applicable_to is not None and rule.applicable_to.included_all
