"""What the page of a customer says of orders, redemptions and points."""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse

from campaigns.admin.wallet import cards_of
from campaigns.admin.worth import amount_in_words, balance_in_words
from campaigns.models import Voucher
from customers.models import Customer
from promo.admin.panel import Cell, Panel
from promo.admin.presentation import moment, money
from promo.admin.summary import list_address
from promo.admin.tabs import Tab
from redemptions.admin.ledger import NAMES
from redemptions.admin.reasons import reason_in_words
from redemptions.admin.redemption_filters import (
    FAILED_ROLLBACK,
    REFUSED,
    SUCCEEDED,
    UNDONE,
    outcome_of,
)
from redemptions.models import LedgerEntry, Order, Redemption
from redemptions.models.order import OrderStatus
from redemptions.models.redemption import Result

SHOWN = 25
_TONES = {SUCCEEDED: "good", REFUSED: "bad", FAILED_ROLLBACK: "bad", UNDONE: "warn"}
_STATUS_TONES = {
    OrderStatus.PAID: "good",
    OrderStatus.FULFILLED: "good",
    OrderStatus.CANCELED: "bad",
}


def _orders(_: HttpRequest, customer: Customer) -> list[Panel | None]:
    rows = customer.orders.alive().order_by("-created_at", "-id")[:SHOWN]
    return [
        Panel(
            title="Orders",
            columns=("Order", "When", "Status", "Amount", "Discount", "To pay"),
            rows=[_order(one, customer.project.currency) for one in rows],
            empty="This customer has not ordered anything.",
            link=list_address("redemptions_order", customer__id__exact=customer.pk),
            link_text="All orders",
        )
    ]


def _order(order: Order, currency: str) -> list[Cell]:
    page = reverse("admin:redemptions_order_change", args=(quote(order.pk),))
    status = OrderStatus(order.status)
    return [
        Cell(str(order), link=page),
        Cell(moment(order.created_at)),
        Cell(str(status.label), tone=_STATUS_TONES.get(status, "plain")),
        Cell(money(order.amount, currency)),
        Cell(money(order.total_discount_amount, currency)),
        Cell(money(order.total_amount, currency)),
    ]


def _redemptions(_: HttpRequest, customer: Customer) -> list[Panel | None]:
    rows = customer.redemptions.select_related("promotion_tier", "campaign")
    return [
        Panel(
            title="Redemptions",
            columns=("Code or tier", "When", "Result", "Campaign", "Discount", "Why"),
            rows=[
                _redemption(one, customer.project.currency)
                for one in rows.order_by("-created_at", "-id")[:SHOWN]
            ],
            empty="This customer has not used an offer, nor tried to.",
            link=list_address(
                "redemptions_redemption", customer__id__exact=customer.pk
            ),
            link_text="All redemptions",
        )
    ]


def _redemption(row: Redemption, currency: str) -> list[Cell]:
    page = reverse("admin:redemptions_redemption_change", args=(quote(row.pk),))
    outcome, failed = outcome_of(row), row.result == Result.FAILURE
    why = reason_in_words(row.failure_code, row.failure_message) if failed else ""
    return [
        Cell(row.voucher_code or str(row.promotion_tier or "Several"), link=page),
        Cell(moment(row.created_at)),
        Cell(outcome, tone=_TONES.get(outcome, "plain")),
        Cell(str(row.campaign or "-")),
        Cell("-" if failed else money(row.applied_amount, currency)),
        Cell(why or row.reason or "-"),
    ]


def _points(_: HttpRequest, customer: Customer) -> list[Panel | None]:
    cards = cards_of(customer)
    by_id = {one.pk: one for one in cards}
    moved = LedgerEntry.objects.filter(voucher__in=list(by_id)).order_by("-id")
    return [
        Panel(
            title="Cards",
            columns=("Card", "Campaign", "Balance", "Tier"),
            rows=[_card(one, customer) for one in cards],
            empty="This customer has no gift card and no loyalty card.",
        ),
        Panel(
            title="Movements",
            columns=("When", "What", "Card", "Moved", "Balance after it", "Why"),
            rows=[_movement(one, by_id) for one in (moved[:SHOWN] if by_id else ())],
            empty="Nothing has moved a balance of this customer.",
        ),
    ]


def _card(card: Voucher, customer: Customer) -> list[Cell]:
    page = reverse("admin:campaigns_voucher_change", args=(quote(card.pk),))
    name = card.campaign.name if card.campaign else "-"
    programme: dict[str, Any] = customer.loyalty["campaigns"].get(name) or {}
    return [
        Cell(card.code, link=page),
        Cell(name),
        Cell(balance_in_words(card)),
        Cell(str(programme.get("loyalty_tier") or "-")),
    ]


def _movement(entry: LedgerEntry, cards: dict[str, Voucher]) -> list[Cell]:
    card = cards[entry.voucher_id]
    page = reverse("admin:redemptions_ledgerentry_change", args=(quote(entry.pk),))
    sign = "+" if entry.amount > 0 else ""
    return [
        Cell(moment(entry.created_at), link=page),
        Cell(NAMES.get(entry.type, entry.type)),
        Cell(card.code),
        Cell(f"{sign}{amount_in_words(card, entry.amount)}"),
        Cell(amount_in_words(card, entry.balance)),
        Cell(entry.reason or "-"),
    ]


ORDERS = Tab("orders", "Orders", "orders.read", _orders)
REDEMPTIONS = Tab("redemptions", "Redemptions", "redemptions.read", _redemptions)
POINTS = Tab("points", "Points and credit", "vouchers.read", _points)
