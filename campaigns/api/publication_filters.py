"""What the list of publications can be narrowed by.

Source: campaigns specification, "Publications"; platform specification, "Lists and
paging".
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from campaigns.api.voucher_filters import CodeColumn, NameOrId
from campaigns.models import PublicationResult, Voucher, VoucherType
from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX
from customers.models.customer import ID_PREFIX
from promo.api.columns import (
    ChoiceColumn,
    Column,
    FlagColumn,
    MetadataColumn,
    MomentColumn,
    TextColumn,
)
from promo.api.filters import QueryFilters
from promo.filter_grammar import Condition
from promo.ids import parse_or_none

_TYPES = {
    "discount": VoucherType.DISCOUNT_VOUCHER,
    "gift": VoucherType.GIFT_VOUCHER,
    "loyalty": VoucherType.LOYALTY_CARD,
}


@dataclass(frozen=True)
class OfCodes(Column):
    """What holds for one of the codes that were given.

    A publication of several codes stays one row.
    """

    inner: Column

    @property
    def operators(self) -> frozenset[str]:  # type: ignore[override]  # follows the inner one
        """The operators of a voucher's own column."""
        return self.inner.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the publications of a code that fits."""
        return _of_a_code(self.inner.matches(condition, name, path, now))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the publications without a value, or those of a code with one."""
        has = _of_a_code(self.inner.is_null(name, null=False))
        return ~has if null else has


def _of_a_code(condition: Q) -> Q:
    return Q(Exists(Voucher.objects.filter(condition, publications=OuterRef("pk"))))


@dataclass(frozen=True)
class CodeOrId(CodeColumn):
    """A voucher by its code or its id."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers whose code fits, or whose id is named."""
        found = super().matches(condition, name, path, now)
        if condition.operator not in {"$is", "$in"}:
            return found
        ids = [one for one in condition.values if parse_or_none(VOUCHER_PREFIX, one)]
        return found | Q(pk__in=ids) if ids else found


@dataclass(frozen=True)
class TypeColumn(ChoiceColumn):
    """The type of a voucher, in short as this list has it, or in full."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers of one of the types."""
        named = self.checked(condition, path)
        return Q(type__in=[_TYPES.get(one, one) for one in named])


@dataclass(frozen=True)
class ReasonColumn(TextColumn):
    """Why an attempt failed; those that did not have no reason."""

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the publications that succeeded, or the failed ones."""
        return Q(failure_code="") if null else ~Q(failure_code="")


_CAMPAIGN = NameOrId("campaign__name", id_lookup="campaign_id", prefix=CAMPAIGN_PREFIX)
_CUSTOMER = NameOrId("customer__source_id", id_lookup="customer_id", prefix=ID_PREFIX)
_VOUCHER = OfCodes(CodeOrId("code"))
_SHARED: dict[str, Column] = {
    "campaign_name": TextColumn("campaign__name"),
    "customer_id": _CUSTOMER,
    "is_referral_code": OfCodes(FlagColumn("is_referral_code")),
    "parent_object_id": _CAMPAIGN,
    "related_object_id": _VOUCHER,
    "result": ChoiceColumn("result", choices=PublicationResult.values),
    "source_id": TextColumn("source_id"),
    "voucher_code": OfCodes(CodeColumn("code")),
    "voucher_type": OfCodes(TypeColumn("type", choices=[*_TYPES, *VoucherType.values])),
}

FILTERS = QueryFilters(
    columns={
        **_SHARED,
        "created_at": MomentColumn("created_at"),
        "failure_code": ReasonColumn("failure_code"),
        "metadata.*": MetadataColumn(),
    },
    shortcuts={
        **_SHARED,
        "campaign": _CAMPAIGN,
        "customer": _CUSTOMER,
        "voucher": _VOUCHER,
    },
)
