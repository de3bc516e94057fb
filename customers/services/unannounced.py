"""Customers whom many rows name, created and changed without telling anybody.

For what happened long ago and is only written down now.

Source: data specification, "Identity and upsert" and "Orders, Import".
"""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from operator import attrgetter

from customers.models import Customer
from customers.services.named import named_customers
from customers.services.profile import change_profile
from customers.services.upsert import CustomerDraft, new_customer
from promo.row_writer import RowWriter
from promo.tenancy.models import Project

_WRITER = RowWriter(Customer)


class People:
    """The customers as rows make them, one row after the other.

    Those who are known are held from the beginning, in key order; nothing is written
    before ``store``.
    """

    def __init__(
        self, project: Project, references: Collection[str], *, now: datetime
    ) -> None:
        """Hold the customers behind ids and source ids; one statement."""
        self._project, self._now = project, now
        held = named_customers(project, list(references), held=True)
        self._by_id = {one.pk: one for one in held}
        self._by_source = {one.source_id: one for one in held if one.source_id}
        self._fresh: set[str] = set()
        self._changed: set[str] = set()
        self._names: set[str] = set()

    def take(self, drafts: Sequence[CustomerDraft]) -> list[Customer]:
        """Return whom the drafts of one row name, as they are then; all or none.

        Raises:
            ResourceNotFound: an ``id`` names nobody.
            InvalidPayload: a text is too long, or a new source id another one's id.
            MetadataRefused: the project's schema forbids somebody's metadata.
        """
        row = _Row(self._by_id, self._by_source)
        taken = [row.take(self._project, draft, self._now) for draft in drafts]
        self._by_id |= row.people
        self._by_source |= {one.source_id: one for one in taken if one.source_id}
        self._fresh |= row.fresh
        self._changed |= row.changed
        self._names |= row.names
        return taken

    def known(self, draft: CustomerDraft) -> Customer | None:
        """Return whom a draft names, as the rows before have made them; None if new."""
        return _Row(self._by_id, self._by_source).known(draft)

    def store(self) -> None:
        """Write what has become of them; two statements.

        Raises:
            Overtaken: somebody else has stored a new source id.
        """
        fresh = [self._by_id[pk] for pk in self._fresh]
        _WRITER.insert_first(sorted(fresh, key=attrgetter("source_id")))
        changed = [self._by_id[pk] for pk in sorted(self._changed - self._fresh)]
        if changed:
            _WRITER.update(changed, sorted(self._names))


class _Row:
    """What one row makes of people; the people before it stay as they are."""

    def __init__(
        self, by_id: Mapping[str, Customer], by_source: Mapping[str, Customer]
    ) -> None:
        self._by_id, self._by_source = by_id, by_source
        self.people: dict[str, Customer] = {}
        self.fresh: set[str] = set()
        self.changed: set[str] = set()
        self.names: set[str] = set()

    def take(self, project: Project, draft: CustomerDraft, now: datetime) -> Customer:
        """Return whom a draft names, with what it gives."""
        known = self.known(draft)
        if known is None:
            made = new_customer(project, draft, self._by_id, now)
            self.people[made.pk] = made
            self.fresh.add(made.pk)
            return made
        mine = self.people.get(known.pk) or copy(known)
        names = change_profile(mine, draft.values, now=now)
        if names:
            self.changed.add(mine.pk)
            self.names.update(names)
        self.people[mine.pk] = mine
        return mine

    def known(self, draft: CustomerDraft) -> Customer | None:
        """Return whom a draft names; the id wins."""
        if draft.id:
            return self._by_id.get(draft.id)
        made = (one for one in self.people.values() if one.source_id == draft.source_id)
        return next(made, None) or self._by_source.get(draft.source_id)
