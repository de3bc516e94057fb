"""Products and SKUs that many orders describe, stored without telling anybody.

For what happened long ago and is only written down now.

Source: data specification, "Products and SKUs" and "Orders, Import".
"""

from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, Generic, TypeVar

from campaigns.models import Product, Sku
from campaigns.services.catalogue_lookup import KnownCatalogue, by_name, find_items
from campaigns.services.catalogue_upsert import (
    PRODUCTS,
    SKUS,
    Described,
    Kind,
    change_held,
    checked,
    differs,
    first_known,
    new_product,
    new_sku,
    put,
)
from promo.metadata_schemas.known import checked_metadata
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

M = TypeVar("M", Product, Sku)

_PRODUCT_ROWS, _SKU_ROWS = RowWriter(Product), RowWriter(Sku)


@dataclass(frozen=True, slots=True)
class _Shelf(Generic[M]):
    """Rows of one kind by their names, and what has become of them."""

    kind: Kind[M]
    writer: RowWriter[M]
    rows: dict[str, M]
    binned: frozenset[str]
    fresh: dict[str, M] = field(default_factory=dict)
    wanted: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part(Generic[M]):
    """What one order makes of a shelf, on top of what stands there."""

    rows: ChainMap[str, M]
    fresh: dict[str, M] = field(default_factory=dict)
    wanted: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The catalogue as one order describes it, not kept yet."""

    products: _Part[Product]
    skus: _Part[Sku]

    @property
    def known(self) -> KnownCatalogue:
        """Products and SKUs by their names."""
        return KnownCatalogue(self.products.rows, self.skus.rows)


class DescribedCatalogue:
    """The catalogue as orders leave it, one after the other.

    Nothing is written before ``store``. What is described several times gets the last
    value of each field; source ids of the bin are passed over.
    """

    def __init__(
        self,
        project: Project,
        names: tuple[Collection[str], Collection[str]],
        described: tuple[Collection[str], Collection[str]],
        *,
        now: datetime,
    ) -> None:
        """Read the products and SKUs of these names, and the bin; four statements.

        ``described`` are the source ids that may become new products and SKUs.
        """
        self._project, self._now = project, now
        known = find_items(project, *names)
        self._products: _Shelf[Product] = _Shelf(
            PRODUCTS,
            _PRODUCT_ROWS,
            dict(known.products),
            _binned(project.products, described[0]),
        )
        self._skus: _Shelf[Sku] = _Shelf(
            SKUS, _SKU_ROWS, dict(known.skus), _binned(project.skus, described[1])
        )

    def ahead(self, products: Sequence[Described], skus: Sequence[Described]) -> Ahead:
        """Return the catalogue with what one order describes on top.

        Raises:
            MetadataRefused: the project's schema of products forbids somebody's.
        """
        ahead = Ahead(_part(self._products), _part(self._skus))
        make_product = partial(new_product, self._project, self._now)
        for one in products:
            described = checked(self._project, one)
            _describe(self._products, ahead.products, described, make_product)
        make_sku = partial(new_sku, self._project, ahead.known, self._now)
        for one in skus:
            described = checked(self._project, one)
            _describe(self._skus, ahead.skus, described, make_sku)
        return ahead

    def keep(self, ahead: Ahead) -> None:
        """Let what an order describes stand for those that follow."""
        _keep(self._products, ahead.products)
        _keep(self._skus, ahead.skus)

    def store(self) -> None:
        """Write what has become of the catalogue, products first; six statements.

        Raises:
            Overtaken: somebody else has stored a new source id.
        """
        _store(self._products, self._now)
        _store(self._skus, self._now)


def _binned(rows: Any, source_ids: Collection[str]) -> frozenset[str]:
    if not source_ids:
        return frozenset()
    gone = rows.filter(source_id__in=source_ids, deleted_at__isnull=False)
    return frozenset(gone.values_list("source_id", flat=True))


def _part(shelf: _Shelf[M]) -> _Part[M]:
    return _Part(ChainMap({}, shelf.rows))


def _describe(
    shelf: _Shelf[M],
    part: _Part[M],
    one: Described,
    make: Callable[[Described], M | None],
) -> None:
    known = first_known(one.names, part.rows)
    if known is None:
        _add(shelf, part, one, make)
    elif differs(known, one.values):
        row = copy(known)
        put(row, one.values)
        _name(part, [row])
        if row.pk in shelf.fresh or row.pk in part.fresh:
            part.fresh[row.pk] = row
        else:
            part.wanted.setdefault(row.pk, {}).update(one.values)


def _add(
    shelf: _Shelf[M],
    part: _Part[M],
    one: Described,
    make: Callable[[Described], M | None],
) -> None:
    if not one.source_id or one.source_id in shelf.binned:
        return
    made = make(one)
    if made is None:
        return
    put(made, one.values)
    metadata = made.metadata
    checked_metadata(made.project, "product", metadata, result=metadata)
    part.fresh[made.pk] = made
    _name(part, [made])


def _name(part: _Part[M], rows: Iterable[M]) -> None:
    part.rows.update(by_name(rows))


def _keep(shelf: _Shelf[M], part: _Part[M]) -> None:
    shelf.rows.update(part.rows.maps[0])
    shelf.fresh.update(part.fresh)
    for pk, values in part.wanted.items():
        shelf.wanted.setdefault(pk, {}).update(values)


def _store(shelf: _Shelf[M], now: datetime) -> None:
    shelf.writer.insert_first(sorted(shelf.fresh.values(), key=attrgetter("source_id")))
    change_held(shelf.kind, shelf.wanted, now)
