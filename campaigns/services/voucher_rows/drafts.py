"""What a row of an import says about a voucher: a line of a file, or an object.

Source: campaigns specification, "CSV headers", "Import rules".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from campaigns.engine.discount_parsing import VALUE_FIELDS
from campaigns.engine.discounts import DiscountType
from campaigns.engine.numbers import json_number
from campaigns.models import VoucherType
from campaigns.services.time_limits import LIMITS
from promo.jobs.rows.cells import (
    RowRefused,
    boolean,
    metadata_from,
    moment,
    money,
    number,
    text,
    whole,
)
from promo.jobs.rows.columns import Column, CsvColumns
from promo.jobs.rows.work import Row
from promo.money import round_half_up
from promo.tenancy.models import Project

Json = dict[str, Any]

_OF_MONEY = frozenset({"AMOUNT", "FIXED"})
_AS_SENT = ("type", *LIMITS, "additional_info", "metadata", "active")
_BLOCKS = ("discount", "gift", "loyalty_card")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherDraft:
    """A voucher as a row has it.

    ``sent`` is what the body of a create would hold, without code and category.
    ``category`` is a name or an id, empty where the row has none. The redeemed numbers
    are None where the row does not say them; the amount is minor units.
    """

    code: str
    sent: Json
    category: str = ""
    rule_id: str = ""
    redeemed_quantity: int | None = None
    redeemed_amount: int | None = None
    #: Whether a discount on items has to come with a rule that names items.
    needs_items: bool = False


def _word(cell: str) -> str:
    return cell.strip().upper()


def _stripped(cell: str) -> str:
    return cell.strip()


_EVERYWHERE = {
    "Code": Column("code", _stripped),
    "Active": Column("active", boolean),
    "Category": Column("category", _stripped),
    "Start Date": Column("start_date", moment),
    "Expiration Date": Column("expiration_date", moment),
    "Redemption Limit": Column("quantity", whole),
    "Redeemed Quantity": Column("redeemed_quantity", whole),
    "Redeemed Amount": Column("redeemed_amount", money),
    "Additional Info": Column("additional_info", text),
}
_OF_LONE_CODES = {
    "Voucher Type": Column("type", _word),
    "Discount Type": Column("discount_type", _word),
    "Discount effect": Column("effect", _word),
    "Value": Column("value", number),
    "Formula": Column("formula", text),
    "Validation rule ID": Column("rule_id", _stripped),
}
_OF_CARDS = {
    "Gift Amount": Column("amount", money),
    "Loyalty Points": Column("points", whole),
}
_COLUMNS = {**_EVERYWHERE, **_OF_LONE_CODES}
#: Of vouchers without a campaign.
LONE_COLUMNS = CsvColumns(_COLUMNS, required=("Code",))
#: Of the codes of a campaign, which says itself what they are worth.
CAMPAIGN_COLUMNS = CsvColumns(
    {**_EVERYWHERE, **_OF_CARDS}, required=("Code",), skipped=tuple(_OF_LONE_CODES)
)


def lone_draft_of_cells(project: Project, row: Row) -> VoucherDraft:
    """Return the voucher without a campaign of a line.

    Raises:
        RowRefused: the line has not what such a voucher needs.
    """
    _required(row.values, "type")
    worth = _worth_of_cells(row.values)
    return _draft_of_cells(project, row, worth, needs_items=True)


def campaign_draft_of_cells(project: Project, row: Row) -> VoucherDraft:
    """Return the code of a campaign that a line has.

    Raises:
        RowRefused: there is no code.
    """
    worth: Json = {}
    for block, name in (("gift", "amount"), ("loyalty_card", "points")):
        if row.values.get(name) is not None:
            worth[block] = {name: row.values[name]}
    return _draft_of_cells(project, row, worth)


def draft_of_object(row: Row) -> VoucherDraft:
    """Return the voucher of an object, whose types have been checked."""
    given = row.values
    redemption = given.get("redemption") or {}
    names = (*_AS_SENT, *_BLOCKS)
    sent = {name: given[name] for name in names if given.get(name) is not None}
    if redemption.get("quantity") is not None:
        sent["redemption"] = {"quantity": redemption["quantity"]}
    return VoucherDraft(
        code=given["code"],
        sent=sent,
        category=given.get("category") or "",
        redeemed_quantity=redemption.get("redeemed_quantity"),
        redeemed_amount=redemption.get("redeemed_amount"),
    )


def _draft_of_cells(
    project: Project, row: Row, worth: Json, *, needs_items: bool = False
) -> VoucherDraft:
    given = row.values
    sent = {name: given[name] for name in _AS_SENT if given.get(name) is not None}
    if given.get("quantity") is not None:
        sent["redemption"] = {"quantity": given["quantity"]}
    filled = {title: cell for title, cell in row.metadata.items() if cell.strip()}
    if filled:
        sent["metadata"] = metadata_from(project, "voucher", filled)
    return VoucherDraft(
        code=_required(given, "code"),
        sent={**sent, **worth},
        category=given.get("category") or "",
        rule_id=given.get("rule_id") or "",
        redeemed_quantity=given.get("redeemed_quantity"),
        redeemed_amount=given.get("redeemed_amount"),
        needs_items=needs_items,
    )


def _worth_of_cells(given: Mapping[str, Any]) -> Json:
    """Return the block that says what a voucher without a campaign is worth."""
    effect = {} if given.get("effect") is None else {"effect": given["effect"]}
    if given["type"] == VoucherType.DISCOUNT_VOUCHER:
        return {"discount": {**_discount(given), **effect}}
    if given["type"] == VoucherType.GIFT_VOUCHER:
        return {"gift": {"amount": _minor(_required(given, "value")), **effect}}
    if given["type"] == VoucherType.LOYALTY_CARD:
        return {}
    allowed = ", ".join(VoucherType.values)
    raise RowRefused(f"Voucher Type: '{given['type']}' must be one of {allowed}")


def _discount(given: Mapping[str, Any]) -> Json:
    kind, formula = _required(given, "discount_type"), given.get("formula")
    value = _required(given, "value") if formula is None else given.get("value")
    if kind not in DiscountType.__members__:
        return {"type": kind}
    name = VALUE_FIELDS[DiscountType(kind)]
    discount: Json = {"type": kind}
    if value is not None:
        discount[name] = _minor(value) if kind in _OF_MONEY else json_number(value)
    return discount | ({} if formula is None else {f"{name}_formula": formula})


def _required(given: Mapping[str, Any], name: str) -> Any:
    if given.get(name) is None:
        title = next(t for t, column in _COLUMNS.items() if column.name == name)
        raise RowRefused(f"{title} is required")
    return given[name]


def _minor(value: Decimal) -> int:
    return round_half_up(value * 100)
