"""What the page of a customer says of the codes held."""

from datetime import datetime

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from campaigns.admin.worth import voucher_in_words
from campaigns.models import Holder
from campaigns.wire.holder import redeemable_status
from customers.models import Customer
from promo.admin.panel import Cell, Panel
from promo.admin.summary import list_address
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


def held_codes(request: HttpRequest, customer: Customer) -> Panel | None:
    """Return the newest codes of a customer; None for who may not read vouchers."""
    if not visit(request).may("vouchers.read"):
        return None
    rows = customer.holdings.alive().with_related().order_by("-id")[:SHOWN]
    now = visit(request).now
    return Panel(
        title="Wallet",
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
    page = reverse("admin:campaigns_voucher_change", args=(quote(voucher.pk),))
    said, tone = _STATUSES[redeemable_status(voucher, now=now)]
    return [
        Cell(voucher.code, link=page),
        Cell(campaign.name if campaign else "-"),
        Cell(voucher_in_words(voucher)),
        Cell(holder.get_role_display()),
        Cell(date_format(localtime(holder.created_at), "j M Y")),
        Cell(said, tone=tone),
    ]
