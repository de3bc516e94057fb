"""Creating, changing and deleting product collections.

Source: data specification, "Product collections".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import events
from campaigns.engine.filters import parse_collection_filter
from campaigns.models import CollectionType, ProductCollection
from campaigns.services.collection_members import (
    NamedItem,
    put_members,
    resolve,
    with_members,
)
from campaigns.services.rule_references import refuse_if_named
from campaigns.wire.catalogue import collection_as_json
from customers.services.location_lookup import hold_named
from promo.errors import (
    BadRequest,
    Duplicate,
    InvalidPayload,
    ResourceNotFound,
    ResourceProtected,
)
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project

RESOURCE = "products_collection"
MOST_PER_PROJECT = 100
MOST_SENT_ITEMS = 20
MOST_ITEMS = 10_000


def create_collection(
    *,
    project: Project,
    now: datetime,
    name: str,
    type: str,  # noqa: A002 - the API's name
    filter: Mapping[str, Any] | None = None,  # noqa: A002 - the API's name
    products: Sequence[NamedItem] = (),
) -> ProductCollection:
    """Store a collection: ``products`` of a static one, ``filter`` of another.

    Raises:
        InvalidPayload: an automatic one without a sound filter, too many products.
        ResourceNotFound: one of ``products`` is unknown.
        Duplicate: the name is taken.
        BadRequest: ``resource_limit_exceeded``, the project has all it may.
    """
    is_static = type == CollectionType.STATIC
    members = resolve(project, products) if is_static else []
    if len(members) > MOST_ITEMS:
        details = f"Property .products must NOT have more than {MOST_ITEMS} items"
        raise InvalidPayload(details)
    try:
        with transaction.atomic():
            stored = None if is_static else _sound(project, filter)
            _refuse_too_many(project)
            collection = ProductCollection.objects.create(
                project=project, name=name, type=type, filter=stored, created_at=now
            )
            put_members(collection, members)
            shown = collection_as_json(collection)
            emit(project, [events.collection_created(shown)], now=now)
    except IntegrityError as taken:
        raise Duplicate(RESOURCE, name, by="name") from taken
    return collection


def _refuse_too_many(project: Project) -> None:
    # Held so that two creators cannot both take the last place.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    own = project.product_collections.filter(is_predefined=False)
    if own.count() >= MOST_PER_PROJECT:
        raise BadRequest(
            "resource_limit_exceeded",
            "Resource limit exceeded",
            f"A project has at most {MOST_PER_PROJECT} product collections",
        )


def _sound(project: Project, sent: Any) -> dict[str, Any]:
    """Return a filter as it is stored, and hold the locations it names."""
    hold_named(project, [parse_collection_filter(sent)])
    return {"junction": "and", **sent}


@transaction.atomic
def update_collection(
    collection: ProductCollection, *, now: datetime, **values: Any
) -> ProductCollection:
    """Change the name and, of an automatic one, the whole filter.

    A static one has no filter: one that is sent is skipped.

    Raises:
        ResourceNotFound: it is gone.
        ResourceProtected: the predefined one stays as it is.
        InvalidPayload: the filter is not sound.
        Duplicate: the name is taken.
    """
    held = _lock(collection)
    fields = {"name": values["name"]} if "name" in values else {}
    if "filter" in values and held.type == CollectionType.AUTO_UPDATE:
        fields["filter"] = _sound(held.project, values["filter"])
    rows = held.project.product_collections.filter(pk=held.pk)
    try:
        with transaction.atomic():
            rows.update(**fields, updated_at=now)
    except IntegrityError as taken:
        raise Duplicate(RESOURCE, values["name"], by="name") from taken
    stored = with_members(rows).get()
    told = events.collection_updated(collection_as_json(stored))
    emit(held.project, [told], now=now)
    return stored


@transaction.atomic
def delete_collection(
    collection: ProductCollection, *, now: datetime, force: bool = False
) -> None:
    """Delete a collection; its products stay. There is no bin to ``force`` past.

    Raises:
        ResourceNotFound: it is gone.
        ResourceProtected: the predefined one stays.
        ResourceInUse: a rule names it.
    """
    held = _lock(collection)
    refuse_if_named(held.project, RESOURCE, held.pk, {held.pk})
    told = events.collection_deleted(collection_as_json(held))
    held.delete()
    emit(collection.project, [told], now=now)


def _lock(collection: ProductCollection) -> ProductCollection:
    rows = collection.project.product_collections.filter(pk=collection.pk)
    held = rows.select_for_update().first()
    if held is None:
        raise ResourceNotFound(RESOURCE, collection.pk)
    if held.is_predefined:
        raise ResourceProtected(f"Collection {held.name} cannot be changed")
    return held


OPERATIONS: Operations[ProductCollection] = Operations(
    create=create_collection, update=update_collection, delete=delete_collection
)
