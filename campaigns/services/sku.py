"""Creating, changing and deleting SKUs, the variants of products.

Source: data specification, "Products and SKUs".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import events
from campaigns.models import Product, Sku
from campaigns.services.bin import put_in_bin
from campaigns.services.catalogue_changes import save_changes
from campaigns.services.rule_references import refuse_if_named
from campaigns.wire.catalogue import sku_as_json
from promo.errors import BadRequest, ResourceInUse, ResourceNotFound
from promo.metadata_schemas.known import changed_metadata
from promo.operations import Operations
from promo.outbox.events import emit

RESOURCE = "sku"
TEXTS = ("sku", "currency", "image_url")


def create_sku(
    *,
    product: Product,
    now: datetime,
    id: str = "",  # noqa: A002 - the API's name
    source_id: str = "",
    **values: Any,
) -> Sku:
    """Return the product's SKU behind ``id`` or ``source_id``, created where unknown.

    A known SKU gets the given ``values``; ``price`` is in minor units of
    ``currency`` (the project's where empty). Attributes that the product does not
    name are left out.

    Raises:
        ResourceNotFound: ``id`` names no SKU of the product.
        ResourceInUse: the source id belongs to another product or to the bin.
        MetadataRefused: the project's schema of products forbids the metadata.
    """
    reference = id or source_id
    found = _find(product, reference)
    if found is not None:
        return update_sku(found, now=now, **values)
    if id:
        raise ResourceNotFound(RESOURCE, id)
    try:
        with transaction.atomic():
            return _insert(product, source_id, values, now)
    except IntegrityError as taken:
        # Whoever stored it meanwhile has the source id.
        rival = _find(product, source_id)
        if rival is None:
            raise _taken(product, source_id) from taken
    return update_sku(rival, now=now, **values)


def _find(product: Product, reference: str) -> Sku | None:
    """Return the product's own SKU of this id or source id.

    Raises:
        ResourceInUse: another product's SKU has it.
    """
    if not reference:
        return None
    found = product.project.skus.by_reference(reference).first()
    if found is not None and found.product_id != product.pk:
        raise _taken(product, reference)
    return found


def _taken(product: Product, reference: str) -> ResourceInUse:
    skus = product.project.skus.filter(source_id=reference)
    owners = sorted(set(skus.values_list("product_id", flat=True)))
    return ResourceInUse.by(
        owners, "product", resource_type=RESOURCE, resource_id=reference
    )


def _insert(
    product: Product, source_id: str, values: Mapping[str, Any], now: datetime
) -> Sku:
    sku = Sku.objects.create(
        project=product.project,
        product=product,
        source_id=source_id,
        metadata=changed_metadata(
            product.project, "product", {}, values.get("metadata") or {}
        ),
        created_at=now,
        **stored_fields(product, values),
    )
    emit(product.project, [events.sku_created(sku_as_json(sku))], now=now)
    return sku


def stored_fields(product: Product, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return given values as the row of a SKU of ``product`` has them.

    Without metadata and source id, and without attributes that the product lacks.

    Raises:
        BadRequest: ``invalid_sku``, the currency is none.
    """
    fields: dict[str, Any] = {n: values[n] or "" for n in TEXTS if n in values}
    if fields.get("currency") and not _is_currency(fields["currency"]):
        raise BadRequest(
            "invalid_sku",
            "Invalid SKU",
            "Property .currency must be an ISO 4217 code",
        )
    if "price" in values:
        fields["price"] = values["price"]
    if "attributes" in values:
        known = set(product.attributes)
        sent = values["attributes"] or {}
        fields["attributes"] = {n: v for n, v in sent.items() if n in known}
    return fields


def _is_currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()  # noqa: PLR2004 - ISO 4217


@transaction.atomic
def update_sku(sku: Sku, /, *, now: datetime, **values: Any) -> Sku:
    """Change the given fields; unknown ones are skipped.

    Raises:
        ResourceNotFound: it has been deleted meanwhile.
        ResourceInUse: the new source id is taken.
        MetadataRefused: the project's schema of products forbids the metadata.
    """
    held = _lock_alive(sku)
    fields = stored_fields(held.product, values)
    if "metadata" in values:
        fields["metadata"] = changed_metadata(
            held.project, "product", held.metadata, values["metadata"]
        )
    if "source_id" in values:
        fields["source_id"] = values["source_id"] or ""
    try:
        if not save_changes(held, fields, now=now):
            return held
    except IntegrityError as taken:
        raise _taken(held.product, held.source_id) from taken
    emit(held.project, [events.sku_updated(sku_as_json(held))], now=now)
    return held


@transaction.atomic
def delete_sku(sku: Sku, *, now: datetime, force: bool = False) -> None:
    """Move a SKU to the bin, where it keeps its places in collections.

    With ``force`` it is erased.

    Raises:
        ResourceNotFound: it has been deleted meanwhile.
        ResourceInUse: a rule or discount names it.
    """
    held = _lock_alive(sku)
    refuse_if_named(held.project, RESOURCE, held.pk, {held.pk, held.source_id})
    told = events.sku_deleted(sku_as_json(held))
    if force:
        held.delete()
    else:
        held.deleted_at = now
        held.save(update_fields=["deleted_at"])
        put_in_bin(held, now=now)
    emit(sku.project, [told], now=now)


def hold_skus_of(product: Product) -> list[Sku]:
    """Return the SKUs that go, or come back, with a product; held until the commit."""
    rows = product.skus.filter(deleted_at=None).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def refuse_named_skus(product: Product, skus: Sequence[Sku]) -> None:
    """Refuse to delete a product of whose ``skus`` one is in use.

    Raises:
        ResourceInUse: a rule or discount names it.
    """
    names = {name for sku in skus for name in (sku.pk, sku.source_id)}
    refuse_if_named(product.project, "product", product.shown_id, names)


def _lock_alive(sku: Sku) -> Sku:
    rows = sku.project.skus.alive().filter(pk=sku.pk).select_related("product")
    held = rows.select_for_update(no_key=True, of=("self",)).first()
    if held is None:
        raise ResourceNotFound(RESOURCE, sku.pk)
    return held


OPERATIONS: Operations[Sku] = Operations(
    create=create_sku, update=update_sku, delete=delete_sku
)
