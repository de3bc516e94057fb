"""The ledger of cards: what moved their balances, and why."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from campaigns.admin.worth import amount_in_words
from promo import ids
from promo.admin.approval import page_of
from promo.admin.base import ProjectModelAdmin
from promo.admin.filters import DayFilter
from promo.admin.keyset import IdKeysetChangeList, LongList
from promo.approvals.models import ApprovalRequest
from redemptions.models import LedgerEntry
from redemptions.services.balance import BY_DASHBOARD

NAMES = {
    "CREDITS_ADDITION": "Credits added",
    "CREDITS_REMOVAL": "Credits taken off",
    "CREDITS_REDEMPTION": "Credits spent",
    "CREDITS_REFUND": "Credits returned",
    "POINTS_ACCRUAL": "Points earned",
    "POINTS_ADDITION": "Points added",
    "POINTS_REMOVAL": "Points taken off",
    "POINTS_REDEMPTION": "Points spent",
    "POINTS_REFUND": "Points returned",
}


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LongList, ProjectModelAdmin):
    changelist = IdKeysetChangeList
    resource = "vouchers"
    empty_note = (
        "Every movement of points and credits is listed here. Gift and loyalty cards "
        "carry them."
    )
    begin = ("Build a campaign", "campaign-builder", "campaigns.create")
    related = ("voucher__project", "campaign")
    list_display = [
        "created_at",
        "voucher",
        "what",
        "moved",
        "left",
        "campaign",
        "reason",
    ]
    list_filter = [
        ("type", ChoicesDropdownFilter),
        ("voucher", AutocompleteSelectFilter),
        ("campaign", AutocompleteSelectFilter),
        ("created_at", DayFilter),
    ]
    list_filter_submit = True
    is_exported = True
    list_before_template = "admin/list_export.html"
    search_fields = ["source_id"]
    search_help_text = "The whole id, yours or ours"
    ordering = ["-id"]
    readonly_fields = ["what", "moved", "left", "because", "agreed"]
    fields = [
        ("created_at", "voucher"),
        ("what", "campaign"),
        ("moved", "left"),
        ("reason", "because"),
        "agreed",
        ("id", "source_id"),
    ]

    @admin.display(description="What", ordering="type")
    def what(self, entry: LedgerEntry) -> str:
        return NAMES.get(entry.type, entry.type)

    @admin.display(description="Moved", ordering="amount")
    def moved(self, entry: LedgerEntry) -> str:
        sign = "+" if entry.amount > 0 else ""
        return sign + amount_in_words(entry.voucher, entry.amount)

    @admin.display(description="Balance after it")
    def left(self, entry: LedgerEntry) -> str:
        return amount_in_words(entry.voucher, entry.balance)

    @admin.display(description="Moved by")
    def because(self, entry: LedgerEntry) -> str:
        names: dict[str, Any] = entry.details
        moved_by = [f"{kind} {one['id']}" for kind, one in names.items() if one]
        return ", ".join(moved_by) or entry.source or "-"

    @admin.display(description="With approval")
    def agreed(self, entry: LedgerEntry) -> str:
        """Return who asked for it and who agreed; read on the page of one entry."""
        rows = ApprovalRequest.objects.filter(project=entry.project_id)
        rows = rows.select_related("author", "decided_by")
        asked = rows.filter(pk=entry.source_id).first() if self._asks(entry) else None
        if asked is None:
            return "-"
        return format_html(
            '<a class="promo-link" href="{}">Asked for by {}, approved by {}</a>',
            page_of(asked),
            asked.author,
            asked.decided_by or "somebody who is gone",
        )

    def _asks(self, entry: LedgerEntry) -> bool:
        # A shop chooses its own ids: what it sends is not taken for a request.
        by_hand = entry.source == BY_DASHBOARD
        return by_hand and ids.parse_or_none("apr_", entry.source_id) is not None
