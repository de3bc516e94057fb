"""What the list of vouchers can be narrowed by.

Source: campaigns specification, "Voucher endpoints" and "Exports".
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat, Replace
from django.http import QueryDict

from campaigns.api.columns import NOTHING, KeyColumn, WeekdaysColumn
from campaigns.models import ValidationRuleAssignment, VoucherType
from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX, VoucherQuerySet, has_code
from promo.api.columns import (
    Column,
    FlagColumn,
    IdColumn,
    MetadataColumn,
    MomentColumn,
    NumberColumn,
    StateColumn,
    TextColumn,
)
from promo.api.filters import QueryFilters
from promo.filter_grammar import Condition
from promo.ids import parse_or_none

_IDS = re.compile(r"ids(\[\d*\])?")
_WORTH = ("amount_off", "percent_off", "fixed_amount", "unit_off")


@dataclass(frozen=True)
class NameOrId(TextColumn):
    """An object by its name or its id."""

    id_lookup: str = ""
    prefix: str = ""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the rows whose name fits, or whose id is named."""
        found = super().matches(condition, name, path, now)
        if condition.operator not in {"$is", "$in"}:
            return found
        ids = [one for one in condition.values if parse_or_none(self.prefix, one)]
        return found | Q(**{f"{self.id_lookup}__in": ids}) if ids else found


@dataclass(frozen=True)
class CodeColumn(TextColumn):
    """The code; whole codes compare as the project compares them."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers whose code fits."""
        if condition.operator in {"$is", "$in"}:
            return has_code([str(value) for value in condition.values])
        return super().matches(condition, name, path, now)


@dataclass(frozen=True)
class WorthColumn(NumberColumn):
    """The number of a discount, of whatever type it is."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers whose number compares as asked."""
        found = NOTHING
        for key in _WORTH:
            column = NumberColumn(f"{self.lookup}__{key}")
            found |= column.matches(condition, name, path, now)
        return found

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the vouchers without a number, or those with one."""
        has = Q(**{f"{self.lookup}__has_any_keys": list(_WORTH)})
        return ~has if null else has


@dataclass(frozen=True)
class BalanceColumn(NumberColumn):
    """The balance of the vouchers of one type; others have none."""

    type: VoucherType

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the cards whose balance compares as asked."""
        return Q(type=self.type) & super().matches(condition, name, path, now)

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the vouchers of other types, or those of this one."""
        return ~Q(type=self.type) if null else Q(type=self.type)


@dataclass(frozen=True)
class FormulaColumn(TextColumn):
    """The formula of a discount, of whatever type it is."""

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers whose formula fits."""
        found = NOTHING
        for key in _WORTH:
            column = KeyColumn(self.lookup, key=f"{key}_formula")
            found |= column.matches(condition, name, path, now)
        return found

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the vouchers without a formula, or those with one."""
        keys = [f"{key}_formula" for key in _WORTH]
        has = Q(**{f"{self.lookup}__has_any_keys": keys})
        return ~has if null else has


class RuleColumn(Column):
    """The validation rule put on the voucher itself."""

    operators = IdColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers with one of the rules."""
        ids = [one for one in condition.values if parse_or_none("val_", one)]
        return Q(_assigned(Q(rule__in=ids)))

    def is_null(self, name: str, *, null: bool) -> Q:
        """Return the vouchers without a rule, or those with one."""
        has = Q(_assigned(Q()))
        return ~has if null else has


def _assigned(rules: Q) -> Exists:
    """Return whether the voucher has such an assignment, by its shown id."""
    digits = Replace(
        Cast(OuterRef("pk"), TextField()),
        Value("-"),
        Value(""),
        output_field=TextField(),
    )
    shown = Concat(Value(VOUCHER_PREFIX), digits, output_field=TextField())
    rows = ValidationRuleAssignment.objects.filter(
        rules, project=OuterRef("project"), related_object_id=shown
    )
    return Exists(rows)


def _enabled(_: datetime) -> Q:
    return Q(active=True)


def _disabled(_: datetime) -> Q:
    return Q(active=False)


def _expired(now: datetime) -> Q:
    return Q(expiration_date__isnull=False, expiration_date__lt=now)


def _active(now: datetime) -> Q:
    started = Q(start_date=None) | Q(start_date__lte=now)
    lasts = Q(expiration_date=None) | Q(expiration_date__gte=now)
    return Q(active=True) & started & lasts


_CAMPAIGN = NameOrId("campaign__name", id_lookup="campaign_id", prefix=CAMPAIGN_PREFIX)
_CATEGORY = NameOrId("category__name", id_lookup="category_id", prefix="cat_")
_CUSTOMER = NameOrId("holder__source_id", id_lookup="holder_id", prefix="cust_")
_CAMPAIGN_ID = IdColumn("campaign_id", CAMPAIGN_PREFIX)
_CODE = CodeColumn("code")
_STATES = {
    "$enabled": _enabled,
    "$disabled": _disabled,
    "$expired": _expired,
    "$active": _active,
}


class ActiveColumn(StateColumn):
    """The switch: by its states, or as a plain boolean."""

    @property
    def operators(self) -> frozenset[str]:  # type: ignore[override]  # follows the states
        """States and the operators of a boolean."""
        return super().operators | FlagColumn.operators

    def matches(self, condition: Condition, name: str, path: str, now: datetime) -> Q:
        """Return the vouchers in the state, or switched as asked."""
        if condition.operator in self.states:
            return super().matches(condition, name, path, now)
        return FlagColumn("active").matches(condition, name, path, now)


_COLUMNS: dict[str, Column] = {
    "active": ActiveColumn(_STATES),
    "additional_info": TextColumn("additional_info"),
    "campaign": _CAMPAIGN,
    "campaigns": _CAMPAIGN,
    "campaign_id": _CAMPAIGN_ID,
    "campaign_ids": _CAMPAIGN_ID,
    "category": _CATEGORY,
    "categories": _CATEGORY,
    "category_ids": IdColumn("category_id", "cat_"),
    "code": _CODE,
    "created_at": MomentColumn("created_at"),
    "customer_id": IdColumn("holder_id", "cust_"),
    "customer_source_id": TextColumn("holder__source_id"),
    "discount_amount_limit": NumberColumn("discount__amount_limit"),
    "discount_effect": KeyColumn("discount", key="effect"),
    "discount_type": KeyColumn("discount", key="type"),
    "discount_unit_effect": KeyColumn("discount", key="effect"),
    "discount_unit_type": KeyColumn("discount", key="unit_type"),
    "expiration_date": MomentColumn("expiration_date"),
    "formula": FormulaColumn("discount"),
    "gift_balance": BalanceColumn("balance", type=VoucherType.GIFT_VOUCHER),
    "holder_id": IdColumn("holder_id", "cust_"),
    "id": IdColumn("pk", VOUCHER_PREFIX),
    "is_referral_code": FlagColumn("is_referral_code"),
    "loyalty_balance": BalanceColumn("balance", type=VoucherType.LOYALTY_CARD),
    "metadata.*": MetadataColumn(),
    "redemption_count": NumberColumn("redeemed_quantity"),
    "redemption_quantity": NumberColumn("redemption_quantity"),
    "start_date": MomentColumn("start_date"),
    "updated_at": MomentColumn("updated_at"),
    "validation_rules_id": RuleColumn(),
    "validity_day_of_week": WeekdaysColumn("validity_day_of_week"),
    "validity_timeframe_duration": KeyColumn("validity_timeframe", key="duration"),
    "validity_timeframe_interval": KeyColumn("validity_timeframe", key="interval"),
    "value": WorthColumn("discount"),
    "voucher_type": TextColumn("type"),
}

FILTERS = QueryFilters(
    columns=_COLUMNS,
    shortcuts={
        "campaign": _CAMPAIGN,
        "campaign_id": _CAMPAIGN_ID,
        "category": _CATEGORY,
        "code": _CODE,
        "customer": _CUSTOMER,
    },
)


def with_ids(vouchers: VoucherQuerySet, sent: QueryDict) -> VoucherQuerySet:
    """Return the vouchers that ``ids`` names, all where it names nothing."""
    values = [
        value
        for name, listed in sent.lists()
        if _IDS.fullmatch(name)
        for text in listed
        for value in text.split(",")
        if value
    ]
    if not values:
        return vouchers
    ids = [value for value in values if parse_or_none(VOUCHER_PREFIX, value)]
    return vouchers.filter(pk__in=ids)
