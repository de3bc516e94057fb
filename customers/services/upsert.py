"""Storing the customers a request names, in a constant number of statements.

A checkout that names a customer whom it has named before costs one read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from customers import events
from customers.models import Customer
from customers.services.named import named_customers
from customers.services.profile import change_profile, check_source_id
from customers.services.rendering import full_customer
from promo import request_context
from promo.errors import InvalidPayload, ResourceNotFound
from promo.ids import new_id
from promo.outbox.events import emit
from promo.tenancy.models import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDraft:
    """A customer as a request names one; ``id`` wins over ``source_id``.

    ``values`` holds the given profile fields alone: what is left out stays as it
    is. Dates are ``date``, everything else is as in JSON.
    """

    id: str = ""
    source_id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """What the draft is known by; empty for an anonymous one."""
        return self.id or self.source_id


@dataclass(slots=True)
class Applied:
    """What drafts lead to, in memory; customers are by id and by source id.

    ``fresh`` are not stored yet, ``changed`` are and have other ``fields``.
    """

    project: Project
    by_id: dict[str, Customer]
    by_source: dict[str, Customer]
    fresh: dict[str, Customer] = field(default_factory=dict)
    changed: dict[str, Customer] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)

    @classmethod
    def to(cls, project: Project, rows: Sequence[Customer]) -> "Applied":
        """Begin with what is stored."""
        return cls(
            project,
            {row.pk: row for row in rows},
            {row.source_id: row for row in rows if row.source_id},
        )

    def known(self, draft: CustomerDraft) -> Customer | None:
        """Return whom a draft names; the id wins."""
        if draft.id:
            return self.by_id.get(draft.id)
        return self.by_source.get(draft.source_id)

    def take(self, draft: CustomerDraft, now: datetime) -> Customer:
        """Return whom a draft names, with what it gives; a refused one does nothing.

        Raises:
            ResourceNotFound: its ``id`` names nobody.
            InvalidPayload: a text is too long, or a new source id another one's id.
            MetadataRefused: the project's schema forbids the metadata.
        """
        known = self.known(draft)
        if known is None:
            known = new_customer(self.project, draft, self.by_id, now)
            self.by_source[draft.source_id] = self.fresh[known.pk] = known
            return known
        names = change_profile(known, draft.values, now=now)
        if names and known.pk not in self.fresh:
            self.changed[known.pk] = known
            self.fields.update(names)
        return known

    def tell(self, lost: Collection[str], now: datetime) -> None:
        """Tell of everybody who is new, but for the ``lost``, or has changed."""
        created = [one for one in self.fresh.values() if one.pk not in lost]
        facts = [events.customer_created(full_customer(one)) for one in created]
        facts += [
            events.customer_updated(full_customer(one)) for one in self.changed.values()
        ]
        emit(self.project, facts, now=now)


@transaction.atomic
def upsert_customers(
    project: Project, drafts: Sequence[CustomerDraft], now: datetime
) -> dict[str, Customer]:
    """Create or change the named customers; return them by their references.

    All of them or none.

    Raises:
        ResourceNotFound: an ``id`` names nobody; nothing is stored.
        InvalidPayload: a new source id is too long or another customer's id.
        MetadataRefused: the project's schema forbids somebody's metadata.
    """
    return upsert_along(project, drafts, now)


def upsert_along(
    project: Project,
    drafts: Sequence[CustomerDraft],
    now: datetime,
    *,
    read: Sequence[Customer] | None = None,
) -> dict[str, Customer]:
    """Create or change the named customers inside the transaction of the caller.

    1. Read all of them and apply the drafts in memory, in order. When that changes
       somebody, lock in key order, read again and apply again: concurrent changes
       of one profile merge.
    2. Insert the unknown and store the changes, with one event a customer.
    3. The database leaves out whom another request inserted first. His drafts are
       done again and find him, so one new source id ends in one customer.

    Drafts without a reference are passed over. ``read`` are the customers they name,
    where the caller has read them in this transaction.

    Raises:
        ResourceNotFound: an ``id`` names nobody; nothing is stored.
        InvalidPayload: a new source id is too long or another customer's id.
        MetadataRefused: the project's schema forbids somebody's metadata.

    Source: data specification, "Identity and upsert".
    """
    people: dict[str, Customer] = {}
    pending = [draft for draft in drafts if draft.reference]
    while pending:
        applied, named = _resolve(project, pending, now, read)
        read = None
        lost = _insert(project, applied.fresh)
        if applied.changed:
            changed = list(applied.changed.values())
            Customer.objects.bulk_update(changed, sorted(applied.fields))
        applied.tell(lost, now)
        people |= named
        pending = [one for one in pending if people[one.reference].pk in lost]
    return people


def insert_anonymous(
    project: Project, values: Mapping[str, Any], now: datetime
) -> Customer:
    """Store a profile that no other system has a name for.

    Raises:
        InvalidPayload: a text is too long.
        MetadataRefused: the project's schema forbids the metadata.
    """
    customer = _fresh(project, CustomerDraft(values=values), now)
    with transaction.atomic():
        customer.save(force_insert=True)
        emit(project, [events.customer_created(full_customer(customer))], now=now)
    return customer


def _resolve(
    project: Project,
    drafts: Sequence[CustomerDraft],
    now: datetime,
    read: Sequence[Customer] | None,
) -> tuple[Applied, dict[str, Customer]]:
    """Apply drafts to what is stored; return whom each reference names as well."""
    references = [draft.reference for draft in drafts]
    if read is None:
        read = named_customers(project, references)
    applied = Applied.to(project, read)
    people = {draft.reference: applied.take(draft, now) for draft in drafts}
    if applied.changed:
        held = named_customers(project, references, held=True)
        applied = Applied.to(project, held)
        people = {draft.reference: applied.take(draft, now) for draft in drafts}
    return applied, people


def new_customer(
    project: Project,
    draft: CustomerDraft,
    by_id: Mapping[str, Customer],
    now: datetime,
) -> Customer:
    """Return a profile that is not stored yet, for somebody unknown.

    ``by_id`` are the customers known by their ids.

    Raises:
        ResourceNotFound: the draft's ``id`` names nobody.
        InvalidPayload: its source id is too long or another customer's id.
        MetadataRefused: the project's schema forbids the metadata.
    """
    if draft.id:
        raise ResourceNotFound("customer", draft.id)
    if draft.source_id in by_id:
        raise named_like_id()
    check_source_id(draft.source_id)
    return _fresh(project, draft, now)


def named_like_id() -> InvalidPayload:
    """Build the refusal of a source id that is somebody's id."""
    return InvalidPayload("Property .source_id must not be the id of another customer")


def _fresh(project: Project, draft: CustomerDraft, now: datetime) -> Customer:
    customer = Customer(
        id=new_id("cust_"),
        project=project,
        source_id=draft.source_id,
        source=request_context.current().channel,
        created_at=now,
    )
    # What a new customer must have is asked for also where no metadata are sent.
    change_profile(customer, {"metadata": {}, **draft.values}, now=now)
    customer.updated_at = None
    return customer


def _insert(project: Project, fresh: Mapping[str, Customer]) -> set[str]:
    """Insert ``fresh`` in the order of source ids; return the ids left out."""
    if not fresh:
        return set()
    ordered = sorted(fresh.values(), key=lambda customer: customer.source_id)
    Customer.objects.bulk_create(ordered, ignore_conflicts=True)
    stored = project.customers.filter(pk__in=list(fresh)).values_list("pk", flat=True)
    return set(fresh) - set(stored)
