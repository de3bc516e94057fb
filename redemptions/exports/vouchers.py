"""Vouchers as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    When,
)
from django.db.models.functions import Cast, Coalesce

from campaigns.api.columns import KeyColumn
from campaigns.api.voucher_filters import FILTERS
from campaigns.models import (
    Publication,
    ValidationRuleAssignment,
    Voucher,
    VoucherType,
)
from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX
from customers.models.customer import ID_PREFIX
from promo.api.columns import Column, IdColumn, NumberColumn, StateColumn
from promo.filter_grammar import Condition
from promo.ids import parse_or_none
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import CREATED, Catalogue, Terms

_WORTH = ("amount_off", "percent_off", "fixed_amount", "unit_off")


def _rows(project: Project) -> QuerySet[Voucher]:
    return project.vouchers.alive()


def _discount(key: str) -> Any:
    return cells.below("discount", key)


def _value() -> Any:
    """Return what a code is worth.

    Amounts and credits are major units, percentages and units numbers, points whole.
    """
    credited = F("credited_amount")
    discount = Coalesce(
        _discount("percent_off"),
        cells.major(_discount("amount_off")),
        cells.major(_discount("fixed_amount")),
        _discount("unit_off"),
    )
    return Case(
        When(discount__isnull=False, then=discount),
        When(type=VoucherType.GIFT_VOUCHER, then=cells.major(credited)),
        When(type=VoucherType.LOYALTY_CARD, then=Cast(credited, TextField())),
        output_field=TextField(),
    )


def _balance(kind: VoucherType) -> Any:
    return Case(When(type=kind, then=F("balance")), output_field=BigIntegerField())


def _unit_effect() -> Any:
    is_unit = Q(discount__type="UNIT")
    return Case(When(is_unit, then=_discount("effect")), output_field=TextField())


def _rule() -> Any:
    """Return the validation rule put on the voucher itself."""
    assigned = ValidationRuleAssignment.objects.filter(
        project=OuterRef("project"),
        related_object_id=cells.shown_id(OuterRef("pk"), VOUCHER_PREFIX),
    )
    return cells.shown_id(Subquery(assigned.values("rule")[:1]), "val_")


FIELDS = {
    "code": cells.code("code"),
    "voucher_type": cells.plain("type"),
    "value": cells.plain(_value()),
    "formula": cells.text(Coalesce(*(_discount(f"{key}_formula") for key in _WORTH))),
    "discount_type": cells.plain(_discount("type")),
    "campaign": cells.text("campaign__name"),
    "category": cells.text("category__name"),
    "start_date": cells.moment("start_date"),
    "expiration_date": cells.moment("expiration_date"),
    "gift_balance": cells.plain(_balance(VoucherType.GIFT_VOUCHER)),
    "loyalty_balance": cells.plain(_balance(VoucherType.LOYALTY_CARD)),
    "redemption_quantity": cells.plain("redemption_quantity"),
    "redemption_count": cells.plain("redeemed_quantity"),
    "active": cells.flag("active"),
    # What either picture says.
    "qr_code": cells.code("code"),
    "bar_code": cells.code("code"),
    "id": cells.shown("pk", VOUCHER_PREFIX),
    "is_referral_code": cells.flag("is_referral_code"),
    "created_at": cells.moment("created_at"),
    "updated_at": cells.moment("updated_at"),
    "validity_timeframe_interval": cells.text(
        cells.below("validity_timeframe", "interval")
    ),
    "validity_timeframe_duration": cells.text(
        cells.below("validity_timeframe", "duration")
    ),
    "validity_day_of_week": cells.json("validity_day_of_week"),
    "discount_amount_limit": cells.plain(_discount("amount_limit")),
    "campaign_id": cells.shown("campaign", CAMPAIGN_PREFIX),
    "additional_info": cells.text("additional_info"),
    "customer_id": cells.shown("holder", ID_PREFIX),
    "discount_effect": cells.plain(_discount("effect")),
    "discount_unit_type": cells.text(_discount("unit_type")),
    "discount_unit_effect": cells.plain(_unit_effect()),
    "validation_rules_id": cells.plain(_rule()),
    "customer_source_id": cells.text("holder__source_id"),
}


@dataclass(frozen=True)
class _PublishedFor(Column):
    """A customer whom the voucher was published to, by id or source id."""

    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers published to one of the customers."""
        several = condition.operator == "$in"
        values = condition.values if several else condition.values[:1]
        ids = [one for one in values if parse_or_none(ID_PREFIX, one)]
        names = [str(one) for one in values if one not in {"", None}]
        to_them = Q(customer__in=ids) | Q(customer__source_id__in=names)
        return Q(Exists(_publications().filter(to_them)))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the vouchers published to nobody, or those published."""
        published = Q(Exists(_publications().filter(customer__isnull=False)))
        return ~published if null else published


def _publications() -> QuerySet[Publication]:
    return Publication.objects.succeeded().filter(vouchers=OuterRef("pk"))


def _redeemed(_: datetime) -> Q:
    return Q(redeemed_quantity__gt=0)


def _redeemable(_: datetime) -> Q:
    return Q(redemption_quantity=None) | Q(
        redeemed_quantity__lt=F("redemption_quantity")
    )


def _columns(terms: Terms) -> Mapping[str, Column]:
    moments = (*CREATED, "start_date", "expiration_date")
    return {
        **FILTERS.columns,
        **listed.of_codes(terms.project),
        **{name: terms.moment(name) for name in moments},
        "created_date": terms.moment("created_at"),
        "metadata.*": terms.metadata("voucher"),
        "published_for_customer_id": _PublishedFor(),
        "redemption.quantity": NumberColumn("redemption_quantity"),
        "redemption.redeemed_quantity": NumberColumn("redeemed_quantity"),
        "redemption.redeemed_amount": NumberColumn("redeemed_amount"),
        "redemption.redeemed_points": NumberColumn("redeemed_amount"),
        "redemption_status": StateColumn(
            {"$redeemed": _redeemed, "$redeemable": _redeemable}
        ),
        "validity_timeframe": KeyColumn("validity_timeframe", key="duration"),
        "vouchers": terms.voucher("code", "pk"),
    }


CATALOGUE = Catalogue(
    name="voucher",
    label="Vouchers",
    permission="vouchers.read",
    rows=_rows,
    fields=FIELDS,
    defaults=("code", "voucher_type", "value", "discount_type"),
    orderings={name: name for name in (*CREATED, "code")},
    columns=_columns,
    metadata="voucher",
    scopes={"campaign_id": "campaign"},
    is_personal=True,
)
