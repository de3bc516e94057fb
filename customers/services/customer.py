"""Creating, changing and deleting customers."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from customers import events
from customers.models import Customer, SegmentMember
from customers.services.profile import change_profile
from customers.services.rendering import full_customer
from customers.services.upsert import CustomerDraft, insert_anonymous, upsert_customers
from promo.errors import ResourceNotFound
from promo.operations import Operations
from promo.outbox.events import emit
from promo.tenancy.models import Project


def create_customer(
    *,
    project: Project,
    now: datetime,
    id: str = "",  # noqa: A002 - the API's name
    source_id: str = "",
    **values: Any,
) -> Customer:
    """Return the customer behind ``id`` or ``source_id``, created where unknown.

    Known customers get the given ``values``; without any identifier a new profile
    is stored, which only its id finds again.

    Raises:
        ResourceNotFound: ``id`` names nobody.
        InvalidPayload: ``source_id`` is another customer's id.
        MetadataRefused: the project's schema forbids the metadata.

    Source: data specification, "Identity and upsert".
    """
    draft = CustomerDraft(id=id, source_id=source_id, values=values)
    if not draft.reference:
        return insert_anonymous(project, values, now)
    return upsert_customers(project, [draft], now)[draft.reference]


@transaction.atomic
def update_customer(customer: Customer, *, now: datetime, **values: Any) -> Customer:
    """Change the given profile fields; ids and computed blocks stay as they are.

    Raises:
        ResourceNotFound: the customer has been deleted meanwhile.
        MetadataRefused: the project's schema forbids the metadata.
    """
    stored = lock_alive(customer)
    changed = change_profile(stored, values, now=now)
    if changed:
        stored.save(update_fields=changed)
        emit(stored.project, [events.customer_updated(full_customer(stored))], now=now)
    return stored


@transaction.atomic
def delete_customer(customer: Customer, *, now: datetime, force: bool = False) -> None:
    """Take a profile out of use; its id and source id stop resolving at once.

    ``CUSTOMER_HIDERS`` names functions of later stages that hide what hangs on it.
    Customers have no bin, so ``force`` changes nothing.

    Raises:
        ResourceNotFound: the customer has been deleted meanwhile.
    """
    stored = lock_alive(customer)
    stored.deleted_at = now
    stored.save(update_fields=["deleted_at"])
    SegmentMember.objects.filter(customer=stored).delete()
    for hider in settings.CUSTOMER_HIDERS:
        import_string(hider)(stored, now=now)
    emit(stored.project, [events.customer_deleted(full_customer(stored))], now=now)


def lock_alive(customer: Customer) -> Customer:
    """Return the row behind ``customer`` as it is now, held until the commit.

    Raises:
        ResourceNotFound: it has been deleted.
    """
    rows = customer.project.customers.alive().filter(pk=customer.pk)
    stored = rows.select_for_update(no_key=True).first()
    if stored is None:
        raise ResourceNotFound("customer", customer.pk)
    return stored


def find_customer(project: Project, reference: str) -> Customer:
    """Return the living customer behind an id or a source id; the id wins.

    Raises:
        ResourceNotFound: neither is known.
    """
    found = list(project.customers.by_reference(reference))
    if not found:
        raise ResourceNotFound("customer", reference)
    return next((one for one in found if one.pk == reference), found[0])


OPERATIONS: Operations[Customer] = Operations(
    create=create_customer, update=update_customer, delete=delete_customer
)
