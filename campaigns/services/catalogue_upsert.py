"""Storing the products and SKUs that orders describe.

The number of statements is constant. What the catalogue holds already as described
costs reading it, and no lock.

Source: data specification, "Products and SKUs"; engine specification, "Line identity".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import models

from campaigns import events
from campaigns.models import Product, Sku
from campaigns.models.catalogue import PRODUCT_PREFIX, SKU_PREFIX
from campaigns.services.catalogue_lookup import KnownCatalogue, find_items
from campaigns.wire.catalogue import product_as_json, sku_as_json
from promo.ids import new_id
from promo.metadata_schemas.known import changed_metadata, checked_metadata
from promo.outbox.events import Event, emit
from promo.tenancy.models import Project

M = TypeVar("M", Product, Sku)
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A product or SKU as an order describes one.

    ``names`` are the ids and source ids that it may be known by, the first one known
    counts; a new one gets ``source_id``. ``values`` holds the given fields alone: the
    name (of a SKU its ``sku``), the price in minor units, the metadata as a whole.
    ``product_names`` name the product that a new SKU belongs to.
    """

    names: Sequence[str]
    source_id: str = ""
    values: Values = field(default_factory=dict)
    product_names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Kind(Generic[M]):
    """What differs between products and SKUs; ``fields`` can be described."""

    rows: models.Manager[M]
    fields: Sequence[str]
    created: Callable[[M], Event]
    updated: Callable[[M], Event]


PRODUCTS = Kind(
    Product.objects,
    ("name", "price", "metadata"),
    lambda row: events.product_created(product_as_json(row)),
    lambda row: events.product_updated(product_as_json(row)),
)
SKUS = Kind(
    Sku.objects,
    ("sku", "price", "metadata"),
    lambda row: events.sku_created(sku_as_json(row)),
    lambda row: events.sku_updated(sku_as_json(row)),
)


def upsert_catalogue(
    project: Project,
    products: Sequence[Described],
    skus: Sequence[Described],
    now: datetime,
) -> None:
    """Create or change what is described, inside the transaction of the caller.

    What is described several times gets the last value of each field. Passed over are
    what nobody knows and nobody names a source id for, source ids of the bin, and new
    SKUs of an unknown product.

    1. Products first: the unknown are inserted in the order of their source ids, and
       whom another request inserted first is read again.
    2. What differs from its description is held in key order and changed.
    3. The same for SKUs, whose products are known by then.

    Raises:
        MetadataRefused: the project's schema of products forbids somebody's metadata.
    """
    products = [checked(project, one) for one in products]
    skus = [checked(project, one) for one in skus]

    def find() -> KnownCatalogue:
        of_skus = [name for one in skus for name in one.product_names]
        return find_items(project, [*_names(products), *of_skus], _names(skus))

    known = find()
    make_product = partial(new_product, project, now)
    told, inserted = _insert(PRODUCTS, products, known.products, make_product)
    if inserted:
        known = find()
    told += _change(PRODUCTS, products, known.products, now)
    make_sku = partial(new_sku, project, known, now)
    of_skus, inserted = _insert(SKUS, skus, known.skus, make_sku)
    if inserted:
        known = find()
    told += [*of_skus, *_change(SKUS, skus, known.skus, now)]
    emit(project, told, now=now)


def checked(project: Project, one: Described) -> Described:
    """Return a description with its metadata as they are stored.

    Raises:
        MetadataRefused: the project's schema of products forbids them.
    """
    if "metadata" not in one.values:
        return one
    metadata = changed_metadata(project, "product", {}, one.values["metadata"])
    return replace(one, values={**one.values, "metadata": metadata})


def new_product(project: Project, now: datetime, one: Described) -> Product:
    """Return a bare product of the source id that is described, not stored."""
    return Product(
        id=new_id(PRODUCT_PREFIX),
        project=project,
        source_id=one.source_id,
        created_at=now,
    )


def new_sku(
    project: Project, known: KnownCatalogue, now: datetime, one: Described
) -> Sku | None:
    """Return a bare SKU, not stored; None where its product is unknown."""
    product = first_known(one.product_names, known.products)
    if product is None:
        return None
    return Sku(
        id=new_id(SKU_PREFIX),
        project=project,
        product=product,
        source_id=one.source_id,
        created_at=now,
    )


def _names(described: Sequence[Described]) -> list[str]:
    return [name for one in described for name in one.names]


def first_known(names: Sequence[str], known: Mapping[str, M]) -> M | None:
    """Return what the first known one of ``names`` stands for."""
    return next((known[name] for name in names if name in known), None)


def _insert(
    kind: Kind[M],
    described: Sequence[Described],
    known: Mapping[str, M],
    new: Callable[[Described], M | None],
) -> tuple[list[Event], bool]:
    """Insert the unknown; return what to tell, and whether there were any."""
    fresh: dict[str, M] = {}
    for one in described:
        if not one.source_id or first_known(one.names, known) is not None:
            continue
        row = fresh.get(one.source_id) or new(one)
        if row is not None:
            put(row, one.values)
            fresh[one.source_id] = row
    if not fresh:
        return [], False
    rows = [fresh[source_id] for source_id in sorted(fresh)]
    for row in rows:
        checked_metadata(row.project, "product", row.metadata, result=row.metadata)
    kind.rows.bulk_create(rows, ignore_conflicts=True)
    keys = [row.pk for row in rows]
    stored = set(kind.rows.filter(pk__in=keys).values_list("pk"))
    return [kind.created(row) for row in rows if (row.pk,) in stored], True


def _change(
    kind: Kind[M],
    described: Sequence[Described],
    known: Mapping[str, M],
    now: datetime,
) -> list[Event]:
    """Change the known that differ from their descriptions; return what to tell."""
    wanted: dict[str, dict[str, Any]] = {}
    for one in described:
        row = first_known(one.names, known)
        if row is not None:
            wanted.setdefault(row.pk, {}).update(one.values)
    stale = {
        row.pk: wanted[row.pk]
        for row in known.values()
        if differs(row, wanted.get(row.pk, {}))
    }
    return [kind.updated(row) for row in change_held(kind, stale, now)]


def change_held(
    kind: Kind[M], wanted: Mapping[str, Values], now: datetime
) -> Sequence[M]:
    """Hold rows in key order and give them what is wanted; return those that differed.

    ``wanted`` are values by id. Nothing comes back out of the bin.
    """
    if not wanted:
        return []
    rows = kind.rows.filter(pk__in=wanted, deleted_at=None)
    held = rows.order_by("pk").select_for_update(no_key=True)
    changed = [row for row in held if differs(row, wanted[row.pk])]
    for row in changed:
        put(row, wanted[row.pk])
        row.updated_at = now
    kind.rows.bulk_update(changed, [*kind.fields, "updated_at"])
    return changed


def differs(row: Product | Sku, values: Values) -> bool:
    """Say whether a row has another value than those given."""
    return any(getattr(row, name) != value for name, value in values.items())


def put(row: Product | Sku, values: Values) -> None:
    """Give a row the values, in memory."""
    for name, value in values.items():
        setattr(row, name, value)
