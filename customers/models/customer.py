"""Customers: who buys, holds codes and collects points."""

from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Collate, Lower

from promo.ids import PrefixedIdField, parse_or_none
from promo.sql_constants import Constant
from promo.tenancy.models import Project

ID_PREFIX = "cust_"
#: What people are searched by, as the indexes have it. Bytes order e-mail addresses,
#: so that those that start alike stand together whatever the database's language.
LOW_EMAIL = Collate(Lower("email"), "C")
WORDS = SearchVector("name", "phone", config="simple")


def empty_summary() -> dict[str, Any]:
    """Return the ``summary`` of somebody who has not bought anything yet."""
    return {
        "redemptions": {
            "total_redeemed": 0,
            "total_failed": 0,
            "total_succeeded": 0,
            "total_rolled_back": 0,
            "total_rollback_failed": 0,
            "total_rollback_succeeded": 0,
            "gift": {"redeemed_amount": 0, "amount_to_go": 0},
            "loyalty_card": {"redeemed_points": 0, "points_to_go": 0},
        },
        "orders": {
            "total_amount": 0,
            "total_count": 0,
            "average_amount": 0,
            "last_order_amount": 0,
        },
    }


def empty_loyalty() -> dict[str, Any]:
    """Return the ``loyalty`` block of somebody without a card."""
    return {"points": 0, "referred_customers": 0, "campaigns": {}}


def empty_referrals() -> dict[str, Any]:
    """Return the ``referrals`` block of somebody whom nobody referred."""
    return {"total": 0, "campaigns": []}


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Customers, as the rest of the house asks for them."""

    def alive(self) -> Self:
        """Customers who have not been deleted."""
        return self.filter(deleted_at=None)

    def by_reference(self, reference: str) -> Self:
        """The living customer behind an id or a source id; the id wins."""
        return self.by_references([reference])

    def by_references(self, references: list[str]) -> Self:
        """The living customers behind ids or source ids, in one query."""
        ids = [text for text in references if parse_or_none(ID_PREFIX, text)]
        sources = [text for text in references if text]
        known = models.Q(pk__in=ids) | models.Q(source_id__in=sources)
        return self.alive().filter(known)

    def called(self, term: str) -> Self:
        """The living with this source id, or e-mail address or name in any case."""
        low = Lower(Value(term))
        rows = self.alive().alias(low_email=LOW_EMAIL, low_name=Lower("name"))
        # Said again for its index, which has no empty ones.
        by_id = models.Q(source_id=term, source_id__gt=Constant(""))
        return rows.filter(by_id | models.Q(low_email=low) | models.Q(low_name=low))


CustomerManager = models.Manager.from_queryset(CustomerQuerySet)


class Customer(models.Model):
    """A person or household a project sells to.

    ``source_id`` is the master id of another system; it and the texts are empty
    where nothing is known, and a deleted customer frees its ``source_id``.
    ``summary``, ``loyalty`` and ``referrals`` are computed and only read here.
    ``source`` is the channel that created the profile.

    Source: data specification, "Customers".
    """

    id = PrefixedIdField(ID_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="customers", db_index=False
    )
    source_id = models.CharField(max_length=255, blank=True, default="")
    name = models.CharField(max_length=500, blank=True, default="")
    description = models.TextField(blank=True, default="")
    email = models.CharField(max_length=320, blank=True, default="")
    phone = models.CharField(max_length=64, blank=True, default="")
    birthdate = models.DateField(null=True, blank=True)
    birthday = models.DateField(null=True, blank=True)
    address = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    system_metadata = models.JSONField(default=dict, blank=True)
    summary = models.JSONField(default=empty_summary, editable=False)
    loyalty = models.JSONField(default=empty_loyalty, editable=False)
    referrals = models.JSONField(default=empty_referrals, editable=False)
    source = models.CharField(max_length=16, blank=True, default="", editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CustomerManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source_id"],
                name="customer_source_id",
                condition=models.Q(deleted_at=None, source_id__gt=""),
            )
        ]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="customer_created"),
            models.Index(fields=["project", "updated_at"], name="customer_updated"),
            models.Index("project", LOW_EMAIL, name="customer_email"),
            models.Index("project", Lower("name"), name="customer_name"),
            models.Index(
                "project", KeyTextTransform("city", "address"), name="customer_city"
            ),
            GinIndex(WORDS, name="customer_words"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.source_id or self.pk
