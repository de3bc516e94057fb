"""What the page of a customer says of the codes held."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from campaigns.admin.worth import balance_in_words, voucher_in_words
from campaigns.models import Holder, Voucher, VoucherType
from campaigns.wire.holder import redeemable_status
from customers.admin.customer_tabs import tab_address
from customers.models import Customer
from promo.admin.panel import Cell, Panel
from promo.admin.summary import list_address
from promo.admin.tabs import Tab
from promo.admin.visit import visit

SHOWN = 25
_STATUSES = {
    "ACTIVE": ("Usable", "good"),
    "USED": ("Used up", "warn"),
    "DISABLED": ("Disabled", "bad"),
    "NOT_ACTIVE_YET": ("Not yet", "plain"),
    "EXPIRED": ("Expired", "warn"),
    "NO_BALANCE": ("Empty", "warn"),
}


def _panels(request: HttpRequest, customer: Customer) -> list[Panel | None]:
    return [cards_held(request, customer), held_codes(request, customer)]


WALLET = Tab("wallet", "Wallet", "vouchers.read", _panels)


def cards_of(customer: Customer) -> list[Voucher]:
    """Return the newest cards of a customer that have a balance."""
    rows = customer.holdings.alive().with_related().order_by("-id")
    rows = rows.exclude(voucher__type=VoucherType.DISCOUNT_VOUCHER)
    found = [one.voucher for one in rows[:SHOWN]]
    for card in found:
        card.project = customer.project
    return found


def cards_held(request: HttpRequest, customer: Customer) -> Panel | None:
    """Return the balances of a customer, to be changed by who may; None without any."""
    cards = cards_of(customer)
    if not cards:
        return None
    may_change = visit(request).may("vouchers.modify")
    now = visit(request).now
    return Panel(
        title="Balances",
        columns=(
            "Card",
            "Campaign",
            "Balance",
            "Now",
            *(["Action"] if may_change else []),
        ),
        rows=[_card(card, customer, now, may_change=may_change) for card in cards],
        empty="",
        link=tab_address("", "points"),
        link_text="What moved them",
    )


def _card(
    card: Voucher, customer: Customer, now: datetime, *, may_change: bool
) -> list[Cell]:
    cells = [
        Cell(card.code, link=_page(card)),
        Cell(card.campaign.name if card.campaign else "-"),
        Cell(balance_in_words(card)),
        _standing(card, now),
    ]
    if may_change:
        dialog = reverse(
            "admin:customers_customer_change_balance", args=(quote(customer.pk),)
        )
        query = urlencode({"card": card.pk})
        cells.append(Cell("Change", link=f"{dialog}?{query}", asks=True))
    return cells


def held_codes(request: HttpRequest, customer: Customer) -> Panel:
    """Return the newest codes of a customer, each with where it stands."""
    rows = customer.holdings.alive().with_related().order_by("-id")[:SHOWN]
    now = visit(request).now
    return Panel(
        title="Codes",
        columns=("Code", "Campaign", "Gives", "As", "Since", "Now"),
        rows=[_row(holder, customer, now) for holder in rows],
        empty="No code has been given to this customer.",
        link=list_address("campaigns_voucher", holder__id__exact=customer.pk),
        link_text="All codes held",
    )


def _row(holder: Holder, customer: Customer, now: datetime) -> list[Cell]:
    voucher = holder.voucher
    campaign = voucher.campaign
    voucher.project = customer.project
    return [
        Cell(voucher.code, link=_page(voucher)),
        Cell(campaign.name if campaign else "-"),
        Cell(voucher_in_words(voucher)),
        Cell(holder.get_role_display()),
        Cell(date_format(localtime(holder.created_at), "j M Y")),
        _standing(voucher, now),
    ]


def _page(voucher: Voucher) -> str:
    return reverse("admin:campaigns_voucher_change", args=(quote(voucher.pk),))


def _standing(voucher: Voucher, now: datetime) -> Cell:
    said, tone = _STATUSES[redeemable_status(voucher, now=now)]
    return Cell(said, tone=tone)
