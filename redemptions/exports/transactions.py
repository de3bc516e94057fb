"""What moved the balances of cards as a file, and which points expire."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.functions import JSONObject

from campaigns.models.campaign import CAMPAIGN_PREFIX
from campaigns.models.voucher import VOUCHER_PREFIX
from promo.api.columns import Column, IdColumn, TextColumn
from promo.tenancy.models import Project
from redemptions.exports import cells, listed
from redemptions.exports.catalogue import Catalogue, Terms
from redemptions.models import LedgerEntry
from redemptions.models.ledger import ENTRY_PREFIX

_SCOPES = {"voucher_id": "voucher", "campaign_id": "campaign"}


class _Merged(Func):
    template = "(%(expressions)s)::text"
    arg_joiner = " || "
    output_field = TextField()


def _details() -> Any:
    """Return what moved a balance, with the balance after it, as the API shows both."""
    is_of_points = Q(type__startswith="POINTS")
    balance = Case(
        When(is_of_points, then=_balance("loyalty_card", "points")),
        default=_balance("gift_voucher", "amount"),
    )
    return _Merged(JSONObject(balance=balance), F("details"))


def _balance(kind: str, name: str) -> JSONObject:
    by_hand = Case(When(source="", then=Value("AUTOMATIC")), default=Value("MANUAL"))
    voucher = cells.shown_id(F("voucher"), VOUCHER_PREFIX)
    return JSONObject(
        type=Value(kind),
        total="total",
        object=Value("balance"),
        **{name: "amount"},
        balance="balance",
        operation_type=by_hand,
        related_object=JSONObject(id=voucher, type=Value("voucher")),
    )


def _rows(project: Project) -> QuerySet[LedgerEntry]:
    return project.ledger_entries.all()


FIELDS = {
    "id": cells.shown("pk", ENTRY_PREFIX),
    "type": cells.plain("type"),
    "source_id": cells.text("source_id"),
    "reason": cells.text("reason"),
    "source": cells.text("source"),
    "balance": cells.plain("balance"),
    "amount": cells.plain("amount"),
    "created_at": cells.moment("created_at"),
    "campaign_id": cells.shown("campaign", CAMPAIGN_PREFIX),
    "voucher_id": cells.shown("voucher", VOUCHER_PREFIX),
    # Nothing moves points from card to card yet.
    "related_transaction_id": cells.nothing(),
    "details": cells.plain(_details()),
}


def _columns(terms: Terms) -> Mapping[str, Column]:
    return {
        **listed.of_movements(),
        "type": TextColumn("type"),
        "created_at": terms.moment("created_at"),
        "voucher_id": terms.voucher("voucher__code", "voucher_id"),
        "campaign_id": IdColumn("campaign_id", CAMPAIGN_PREFIX),
    }


CATALOGUE = Catalogue(
    name="voucher_transactions",
    label="Card transactions",
    permission="vouchers.read",
    rows=_rows,
    fields=FIELDS,
    defaults=(
        "id",
        "type",
        "source_id",
        "reason",
        "source",
        "balance",
        "amount",
        "created_at",
    ),
    orderings={"created_at": "created_at"},
    columns=_columns,
    scopes=_SCOPES,
    is_personal=True,
)


def _no_rows(project: Project) -> QuerySet[LedgerEntry]:
    # No programme lets points expire yet, so there are none that will.
    return project.ledger_entries.none()


def _expiration_columns(terms: Terms) -> Mapping[str, Column]:
    columns = _columns(terms)
    return {name: columns[name] for name in _SCOPES}


EXPIRATIONS = Catalogue(
    name="points_expiration",
    label="Expiring points",
    permission="loyalties.read",
    rows=_no_rows,
    fields={
        name: cells.nothing()
        for name in (
            "id",
            "campaign_id",
            "voucher_id",
            "status",
            "expires_at",
            "points",
        )
    },
    defaults=("id", "campaign_id", "voucher_id", "status", "expires_at", "points"),
    orderings={"expires_at": "created_at"},
    default_order="-expires_at",
    columns=_expiration_columns,
    scopes=_SCOPES,
)
