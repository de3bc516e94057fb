"""What the catalogue knows of the lines of an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.services.catalogue_lookup import find_items, load_collections
from promo.tenancy.models import Project
from redemptions.engine.facts import AssignedRules
from redemptions.engine.rules import collections_of
from redemptions.services.order_lines import KnownItems, references_of


def known_items(
    project: Project,
    items: Sequence[Mapping[str, Any]],
    rules: Sequence[AssignedRules],
    *,
    now: datetime,
) -> KnownItems:
    """Return the products and SKUs that lines name, with the rules' collections.

    At most four statements: SKUs with their products, products, collections with
    the members in question, and SKUs of products where a filter asks for them.
    """
    named = references_of(items)
    known = find_items(project, sorted(named.products), sorted(named.skus))
    collections = load_collections(
        project,
        sorted(collections_of(rules)),
        {product.pk for product in known.products.values()},
        {sku.pk for sku in known.skus.values()},
        now=now,
    )
    return KnownItems(known.products, known.skus, collections)
