"""Creating, changing and deleting products.

Source: data specification, "Products and SKUs".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import events
from campaigns.models import Product
from campaigns.models.catalogue import SHIPPING_SOURCE_ID
from campaigns.services.bin import put_in_bin
from campaigns.services.catalogue_changes import save_changes
from campaigns.services.rule_references import refuse_if_named
from campaigns.services.sku import hold_skus_of, refuse_named_skus
from campaigns.wire.catalogue import product_as_json, sku_as_json
from promo.errors import Duplicate, ResourceNotFound, ResourceProtected
from promo.metadata_schemas.known import changed_metadata
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project

RESOURCE = "product"
TEXTS = ("name", "image_url")


def create_product(
    *,
    project: Project,
    now: datetime,
    id: str = "",  # noqa: A002 - the API's name
    source_id: str = "",
    **values: Any,
) -> Product:
    """Return the product behind ``id`` or ``source_id``, created where unknown.

    A known product gets the given ``values``; ``price`` is in minor units.

    Raises:
        ResourceNotFound: ``id`` names no product.
        Duplicate: the source id is taken by a product in the bin.
        MetadataRefused: the project's schema forbids the metadata.
    """
    reference = id or source_id
    found = project.products.by_reference(reference).first() if reference else None
    if found is not None:
        return update_product(found, now=now, **values)
    if id:
        raise ResourceNotFound(RESOURCE, id)
    try:
        with transaction.atomic():
            return _insert(project, source_id, values, now)
    except IntegrityError as taken:
        # Whoever stored it meanwhile, or the bin, has the source id.
        rival = project.products.by_reference(source_id).first()
        if rival is None:
            raise Duplicate(RESOURCE, source_id, by="source_id") from taken
    return update_product(rival, now=now, **values)


def _insert(
    project: Project, source_id: str, values: Mapping[str, Any], now: datetime
) -> Product:
    product = Product.objects.create(
        project=project,
        source_id=source_id,
        metadata=changed_metadata(project, "product", {}, values.get("metadata") or {}),
        created_at=now,
        **stored_fields(values),
    )
    emit(project, [events.product_created(product_as_json(product))], now=now)
    return product


def stored_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return given values as the row has them, without metadata and source id."""
    fields: dict[str, Any] = {n: values[n] or "" for n in TEXTS if n in values}
    if "price" in values:
        fields["price"] = values["price"]
    if "attributes" in values:
        fields["attributes"] = values["attributes"] or []
    return fields


@transaction.atomic
def update_product(product: Product, *, now: datetime, **values: Any) -> Product:
    """Change the given fields; unknown ones are skipped.

    Raises:
        ResourceNotFound: it has been deleted meanwhile.
        Duplicate: the new source id is taken.
        ResourceProtected: the source id of the shipping product.
        MetadataRefused: the project's schema forbids the metadata.
    """
    held = _lock_alive(product)
    fields = stored_fields(values)
    if "metadata" in values:
        fields["metadata"] = changed_metadata(
            held.project, "product", held.metadata, values["metadata"]
        )
    if "source_id" in values and values["source_id"] != held.source_id:
        fields["source_id"] = values["source_id"] or ""
        if SHIPPING_SOURCE_ID in {held.source_id, fields["source_id"]}:
            raise ResourceProtected(f"{RESOURCE} {held.shown_id} keeps its source id")
    try:
        if not save_changes(held, fields, now=now):
            return held
    except IntegrityError as taken:
        raise Duplicate(RESOURCE, held.source_id, by="source_id") from taken
    emit(held.project, [events.product_updated(product_as_json(held))], now=now)
    return held


@transaction.atomic
def delete_product(product: Product, *, now: datetime, force: bool = False) -> None:
    """Move a product with its SKUs to the bin; with ``force``, erase them.

    In the bin it hides its SKUs and keeps its places in collections.

    Raises:
        ResourceNotFound: it has been deleted meanwhile.
        ResourceInUse: a rule or discount names it, or one of its SKUs.
        ResourceProtected: the shipping product stays.
    """
    held = _lock_alive(product)
    if held.is_shipping:
        raise ResourceProtected(f"{RESOURCE} {held.shown_id} cannot be deleted")
    skus = hold_skus_of(held)
    names = {held.pk, held.source_id}
    refuse_if_named(held.project, RESOURCE, held.shown_id, names)
    refuse_named_skus(held, skus)
    told = [
        *(events.sku_deleted(sku_as_json(sku)) for sku in skus),
        events.product_deleted(product_as_json(held)),
    ]
    if force:
        held.delete()
    else:
        held.deleted_at = now
        held.save(update_fields=["deleted_at"])
        put_in_bin(held, now=now)
    emit(product.project, told, now=now)


def _lock_alive(product: Product) -> Product:
    rows = product.project.products.alive().filter(pk=product.pk)
    held = rows.select_for_update(no_key=True).first()
    if held is None:
        raise ResourceNotFound(RESOURCE, product.shown_id)
    return held


OPERATIONS: Operations[Product] = Operations(
    create=create_product, update=update_product, delete=delete_product
)
